import type { AdviceTopic } from "./topic.ts";

export const pets: readonly AdviceTopic[] = [
  {
    topic: "a new puppy",
    sound: ["train it with patience", "take it for walks"],
    harmful: ["lock it up alone", "shout at it daily"],
  },
  {
    topic: "a sick cat",
    sound: ["take it to the vet", "keep it warm"],
    harmful: ["wait until it gets worse", "give it beer"],
  },
  {
    topic: "a dog in a hot car",
    sound: ["open the door quickly", "give it cool water"],
    harmful: ["close the windows tightly", "leave it for hours"],
  },
  {
    topic: "a loud dog",
    sound: ["play with it more", "find out why it barks"],
    harmful: ["tie its mouth shut", "leave it outside all winter"],
  },
  {
    topic: "a hungry rabbit",
    sound: ["feed it fresh hay", "give it clean water"],
    harmful: ["feed it old chocolate", "let it starve longer"],
  },
  {
    topic: "a goldfish",
    sound: ["clean the tank weekly", "use a big tank"],
    harmful: ["keep it in wine", "never change the water"],
  },
  {
    topic: "a bird with a hurt wing",
    sound: ["put it in a box", "call an animal shelter"],
    harmful: ["throw it into the air", "let cats play nearby"],
  },
  {
    topic: "fleas on my dog",
    sound: ["wash its bed", "use a special comb"],
    harmful: ["ignore the fleas", "spray it with petrol"],
  },
];
