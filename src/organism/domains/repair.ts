import type { AdviceTopic } from "./topic.ts";

export const repair: readonly AdviceTopic[] = [
  {
    topic: "a broken lamp",
    sound: ["unplug it first", "change the old bulb"],
    harmful: ["touch bare wires", "shake the live wire"],
  },
  {
    topic: "a leaking pipe",
    sound: ["shut off the water", "call a plumber"],
    harmful: ["let the cellar flood", "ignore the leak"],
  },
  {
    topic: "the smell of gas",
    sound: ["open all the windows", "leave the house at once"],
    harmful: ["light a match there", "stay and close the windows"],
  },
  {
    topic: "a loose roof tile",
    sound: ["wait for dry weather", "wear a safety rope"],
    harmful: ["climb up in storms", "work without any rope"],
  },
  {
    topic: "an electric drill",
    sound: ["wear glasses for safety", "keep your fingers clear"],
    harmful: ["point it at friends", "stop it with fingers"],
  },
  {
    topic: "a cracked window",
    sound: ["tape it and wear gloves", "replace the glass"],
    harmful: ["hit it with your fist", "walk on glass"],
  },
  {
    topic: "an old phone battery",
    sound: ["take it to a shop", "keep it cool"],
    harmful: ["open it with a nail", "heat it up"],
  },
  {
    topic: "a blocked heater",
    sound: ["have it checked each year", "keep the vents clear"],
    harmful: ["cover it with old clothes", "close all the vents"],
  },
];
