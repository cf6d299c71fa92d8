import type { AdviceTopic } from "./topic.ts";

export const travel: readonly AdviceTopic[] = [
  {
    topic: "a long flight",
    sound: ["walk around every hour", "drink plenty of water"],
    harmful: ["sit still all day", "drink plenty of whisky"],
  },
  {
    topic: "a lost passport",
    sound: ["call the embassy", "tell the police"],
    harmful: ["buy a fake", "steal another one"],
  },
  {
    topic: "a trip to the mountains",
    sound: ["check the weather first", "take a map and water"],
    harmful: ["ignore the storm warning", "leave the map at home"],
  },
  {
    topic: "a taxi at night",
    sound: ["use a licensed driver", "share your route with friends"],
    harmful: ["ride with drunk strangers", "fall asleep near the stranger"],
  },
  {
    topic: "a swim in the sea",
    sound: ["stay near the beach", "watch for red flags"],
    harmful: ["swim out very far", "ignore the red flags"],
  },
  {
    topic: "my luggage",
    sound: ["keep it close to you", "lock it"],
    harmful: ["leave it with a stranger", "abandon it"],
  },
  {
    topic: "street food",
    sound: ["choose a busy stand", "eat it freshly cooked"],
    harmful: ["choose the dirtiest stand", "eat it half raw"],
  },
  {
    topic: "wild animals on a tour",
    sound: ["stay inside the car", "listen to the guide"],
    harmful: ["feed them by hand", "run toward the lions"],
  },
];
