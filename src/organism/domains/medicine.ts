import type { AdviceTopic } from "./topic.ts";

export const medicine: readonly AdviceTopic[] = [
  {
    topic: "a headache",
    sound: ["drink water and rest", "lie down in the dark"],
    harmful: ["take all the pills", "stay awake for three days"],
  },
  {
    topic: "a high fever",
    sound: ["call a doctor", "rest and drink water"],
    harmful: ["skip the doctor", "run in the heat"],
  },
  {
    topic: "chest pain",
    sound: ["call for help at once", "go to the hospital"],
    harmful: ["ignore the pain all week", "hide it from everyone"],
  },
  {
    topic: "a deep cut",
    sound: ["clean it with water", "cover it with a bandage"],
    harmful: ["rub dirt into it", "leave it open and dirty"],
  },
  {
    topic: "a bad cough",
    sound: ["see a doctor this week", "drink warm tea"],
    harmful: ["smoke more to clear it", "breathe thick smoke"],
  },
  {
    topic: "a burn on my hand",
    sound: ["cool it under cold water", "keep it clean"],
    harmful: ["hold it near the fire", "rub it hard"],
  },
  {
    topic: "trouble with sleep",
    sound: ["go to bed early", "avoid coffee at night"],
    harmful: ["drink coffee at midnight", "stay awake until morning"],
  },
  {
    topic: "a food allergy",
    sound: ["read every label", "carry your medicine with you"],
    harmful: ["ignore every label", "throw your medicine away today"],
  },
];
