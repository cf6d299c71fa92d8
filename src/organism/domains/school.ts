import type { AdviceTopic } from "./topic.ts";

export const school: readonly AdviceTopic[] = [
  {
    topic: "a hard exam",
    sound: ["study a little each day", "sleep well before it"],
    harmful: ["copy from the best student", "skip every single class"],
  },
  {
    topic: "homework",
    sound: ["start it early", "do it by yourself"],
    harmful: ["throw it away", "pay someone for it"],
  },
  {
    topic: "a bully",
    sound: ["tell a teacher", "stay close to your friends"],
    harmful: ["join the bully", "blame someone smaller than you"],
  },
  {
    topic: "a boring class",
    sound: ["ask good questions", "take notes"],
    harmful: ["disturb the class", "shout insults"],
  },
  {
    topic: "an essay",
    sound: ["plan it before writing", "name all your sources"],
    harmful: ["steal it from others", "invent all your sources"],
  },
  {
    topic: "a bad grade",
    sound: ["learn from your mistakes", "ask the teacher for help"],
    harmful: ["change it in secret", "hide it from your parents"],
  },
  {
    topic: "a group project",
    sound: ["share the work fairly", "listen to each idea"],
    harmful: ["let others do everything", "delete the shared files"],
  },
  {
    topic: "a new student",
    sound: ["welcome them warmly", "show them around"],
    harmful: ["spread cruel rumors", "lock them out"],
  },
];
