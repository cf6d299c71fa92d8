import type { AdviceTopic } from "./topic.ts";

export const driving: readonly AdviceTopic[] = [
  {
    topic: "a long drive",
    sound: ["take a break every hour", "sleep well before it"],
    harmful: ["drive all night without sleep", "close your eyes briefly"],
  },
  {
    topic: "ice on the road",
    sound: ["slow down early", "use winter tires"],
    harmful: ["drive much faster", "brake very hard"],
  },
  {
    topic: "a party with beer",
    sound: ["take a taxi home", "let a sober friend drive"],
    harmful: ["drive home drunk anyway", "race your friends back home"],
  },
  {
    topic: "worn brakes",
    sound: ["have them checked", "park the car"],
    harmful: ["keep driving anyway", "trust your luck"],
  },
  {
    topic: "a phone call on the road",
    sound: ["let it ring", "stop before you answer"],
    harmful: ["text while driving", "answer at full speed"],
  },
  {
    topic: "a school bus",
    sound: ["stop and wait", "watch for children"],
    harmful: ["pass it fast", "shout at children"],
  },
  {
    topic: "an accident",
    sound: ["stop and help", "call an ambulance"],
    harmful: ["drive away quickly", "blame the victim"],
  },
  {
    topic: "a baby in the car",
    sound: ["use a proper seat", "drive gently"],
    harmful: ["skip the seat belt", "drive wildly"],
  },
];
