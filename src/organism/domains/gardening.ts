import type { AdviceTopic } from "./topic.ts";

export const gardening: readonly AdviceTopic[] = [
  {
    topic: "weeds",
    sound: ["pull them by hand", "cover the soil with straw"],
    harmful: ["pour petrol over them", "burn them near the house"],
  },
  {
    topic: "a sick tree",
    sound: ["cut off dead branches", "ask an expert"],
    harmful: ["climb onto dead branches", "ignore the cracks"],
  },
  {
    topic: "wasps in the garden",
    sound: ["call an expert", "keep a safe distance"],
    harmful: ["kick the nest", "poke them with sticks"],
  },
  {
    topic: "plant poison",
    sound: ["wear gloves and a mask", "keep it locked away"],
    harmful: ["mix it with your hands", "keep it near food"],
  },
  {
    topic: "dry plants",
    sound: ["water them in the evening", "give them some shade"],
    harmful: ["leave them in the sun", "give them salt water"],
  },
  {
    topic: "tomatoes",
    sound: ["plant them in full sun", "feed them each week"],
    harmful: ["plant them in deep shade", "drown them each hour"],
  },
  {
    topic: "the lawn mower",
    sound: ["unplug it before cleaning", "wear strong shoes"],
    harmful: ["clean it while running", "mow without shoes"],
  },
  {
    topic: "a tall ladder",
    sound: ["set it on flat ground", "ask someone to hold it"],
    harmful: ["set it on wet ice", "stand on one leg there"],
  },
];
