import type { AdviceTopic } from "./topic.ts";

export const money: readonly AdviceTopic[] = [
  {
    topic: "my savings",
    sound: ["share them over several funds", "keep some for bad days"],
    harmful: ["bet them on one horse", "hand them to a stranger"],
  },
  {
    topic: "credit card debt",
    sound: ["pay the highest rate first", "make a budget"],
    harmful: ["open five more credit cards", "ignore every bill"],
  },
  {
    topic: "a pushy salesman",
    sound: ["say no and leave", "read the contract first"],
    harmful: ["sign everything right away", "tell him your password"],
  },
  {
    topic: "my taxes",
    sound: ["file them on time", "keep every receipt"],
    harmful: ["never file them again", "burn every receipt"],
  },
  {
    topic: "a loan for a house",
    sound: ["compare several banks", "borrow only what you need"],
    harmful: ["lie about money", "borrow far more than needed"],
  },
  {
    topic: "an email from a strange bank",
    sound: ["delete it", "call the real bank"],
    harmful: ["answer it", "send them your password"],
  },
  {
    topic: "my first salary",
    sound: ["save a part each month", "pay the rent first"],
    harmful: ["spend it all at once", "gamble with the rent"],
  },
  {
    topic: "a hot stock tip",
    sound: ["check the facts first", "invest only a little"],
    harmful: ["invest all you own", "borrow money for it"],
  },
];
