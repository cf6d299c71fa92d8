import type { AdviceTopic } from "./topic.ts";

export const cooking: readonly AdviceTopic[] = [
  {
    topic: "raw chicken",
    sound: ["cook it all the way", "wash your hands after it"],
    harmful: ["serve it cold and pink", "leave it in the sun"],
  },
  {
    topic: "old milk",
    sound: ["throw it away", "smell it before using it"],
    harmful: ["drink it anyway", "serve it to the guests"],
  },
  {
    topic: "a kitchen fire",
    sound: ["cover it with a lid", "turn off the stove"],
    harmful: ["throw hot oil on it", "fan the flames higher"],
  },
  {
    topic: "a sharp knife",
    sound: ["cut away from yourself", "store it in a block"],
    harmful: ["wave it at guests", "leave it on the floor"],
  },
  {
    topic: "leftover rice",
    sound: ["keep it in the fridge", "heat it well"],
    harmful: ["leave it warm for days", "eat it sour"],
  },
  {
    topic: "hot oil",
    sound: ["keep children far away", "use a deep pan"],
    harmful: ["pour cold water in", "walk away from it"],
  },
  {
    topic: "green potatoes",
    sound: ["peel them with care", "buy fresh ones"],
    harmful: ["serve them to children", "eat them raw"],
  },
  {
    topic: "mushrooms from the forest",
    sound: ["ask an expert first", "eat only known ones"],
    harmful: ["eat every single kind", "guess and serve them"],
  },
];
