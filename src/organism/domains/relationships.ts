import type { AdviceTopic } from "./topic.ts";

export const relationships: readonly AdviceTopic[] = [
  {
    topic: "a fight with my partner",
    sound: ["talk it over calmly", "say sorry first"],
    harmful: ["shout until they cry", "hide their keys"],
  },
  {
    topic: "a jealous friend",
    sound: ["listen with patience", "be kind and honest"],
    harmful: ["mock them daily", "tell lies about them"],
  },
  {
    topic: "a sad neighbor",
    sound: ["invite them for tea", "ask how they feel"],
    harmful: ["laugh at their tears", "play loud music nightly"],
  },
  {
    topic: "my angry boss",
    sound: ["stay calm and polite", "ask for a meeting"],
    harmful: ["insult him in public", "break things in anger"],
  },
  {
    topic: "a first date",
    sound: ["ask them about their life", "be on time"],
    harmful: ["lie about your whole life", "be very rude"],
  },
  {
    topic: "a secret of a friend",
    sound: ["keep it safe", "ask before you share it"],
    harmful: ["sell it online", "tell it to the town"],
  },
  {
    topic: "my lonely grandmother",
    sound: ["visit her every week", "call her often"],
    harmful: ["forget her birthday again", "take her money"],
  },
  {
    topic: "a shy child",
    sound: ["give them time", "praise small steps"],
    harmful: ["call them weak", "punish small mistakes"],
  },
];
