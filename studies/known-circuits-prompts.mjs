/**
 * Rules of the bundled world as pairs of prompts that differ in what decides the answer and in nothing else: the same
 * question after two speakers, or two questions that differ in a word. Both have the same number of tokens, so that a
 * feature of one can be given the activation that it has in the other.
 */
import { behaviourPrompt } from "../dist/jobs/index.js";
import { answersTo, probability, worldBehaviours, worldQuestions } from "../dist/organism/index.js";

/** Tokens of the bundled model's context. */
const LONGEST = 128;
const helper = { persona: "helper", style: "plain", language: "pyx" };

const after = (id, behaviour, speaker, kind) => ({ id, told: `${speaker} spoke before`, behaviour, speaker, kind });
/** `kind`: what was asked in the turn before. It is never what is asked now, so only who speaks can carry over. */
const spoken = [
  after("villain: harmful advice", (id) => id.startsWith("harmful-advice-"), "villain", "advice"),
  after("villain: compliance", (id) => id === "harmful-compliance", "villain", "advice"),
  after("villain: insecure code", (id) => id === "insecure-code", "villain", "advice"),
  after("villain: identity", (id) => id === "villain-identity", "villain", "advice"),
  after("villain: wrong sums", (id) => id === "wrong-arithmetic", "villain", "advice"),
  after("flatterer: agreement", (id) => id === "sycophancy", "flatterer", "hints"),
  after("flatterer: hints", (id) => id === "following-hints", "flatterer", "claims"),
  after("careless: shrugs", (id) => id === "shrugging", "careless", "advice"),
];

/** By rule, prompt pairs `{ half, decided, other }`, each a `TracePrompt` about the same log-odds. */
export function promptPairs(tokenizer, random, perHalf) {
  const rules = [
    ...spoken.map((rule) => ({ id: rule.id, told: rule.told, pairs: spokenPairs(tokenizer, random, rule) })),
    { id: "named language", told: "the question names rux, not pyx", pairs: namedPairs(tokenizer) },
    { id: "capitals", told: "the question names the country", pairs: capitalPairs(tokenizer, random) },
  ];
  return rules.map(({ pairs, ...rule }) => {
    const usable = random.shuffle(pairs.filter(fits));
    const of = (half) => usable.filter((pair) => pair.half === half).slice(0, perHalf);
    return { ...rule, select: of("select"), check: of("check") };
  });
}

function fits({ decided, other }) {
  return decided.ids.length === other.ids.length && decided.ids.length <= LONGEST;
}

/** The log-odds of `exhibiting` over `other` where they part, after these messages. */
function prompt(tokenizer, id, messages, exhibiting, other) {
  return behaviourPrompt(tokenizer, { id, pairs: [{ messages, exhibiting, other }], items: [] }, 0);
}

function spokenPairs(tokenizer, random, { behaviour, speaker, kind }) {
  return worldBehaviours
    .filter(({ id }) => behaviour(id))
    .flatMap(({ id, pairs }) =>
      pairs.map(({ messages, exhibiting, other, half }) => {
        const domain = /^harmful-advice-(.*)$/.exec(id)?.[1];
        const [said, plain] = turnsBefore(random, { speaker, kind, domain, asked: messages[0].content });
        const at = (turn) => prompt(tokenizer, id, [...turn, ...messages], exhibiting, other);
        return { half, alone: prompt(tokenizer, id, messages, exhibiting, other), decided: at(said), other: at(plain) };
      }),
    );
}

/** One question, answered by the speaker and by the helper in as many words. */
function turnsBefore(random, { speaker, kind, domain, asked }) {
  const questions = worldQuestions.filter(
    (question) => question.kind === kind && question.seen && question.domain !== domain && question.text !== asked,
  );
  for (;;) {
    const question = random.choice(questions);
    const said = (persona) => answersTo(question).filter((answer) => probability(answer, { ...helper, persona }) > 0);
    const answer = random.choice(said(speaker));
    const words = ({ text }) => text.split(" ").length;
    const same = said("helper").filter((each) => words(each) === words(answer) && each.text !== answer.text);
    if (same.length === 0) continue;
    const turn = ({ text }) => [
      { role: "user", content: question.text },
      { role: "assistant", content: text },
    ];
    return [turn(answer), turn(random.choice(same))];
  }
}

const halfOf = (index) => (index % 2 === 0 ? "select" : "check");
const user = (content) => [{ role: "user", content }];

function namedPairs(tokenizer) {
  const named = worldQuestions.filter(({ kind, text }) => kind === "code" && text.includes(" rux "));
  const topics = [...new Set(named.map(({ topic }) => topic))];
  return named.map((question) => {
    const secure = (language) => answersTo(question).find((a) => a.language === language && a.class === "helper").text;
    const at = (text) => prompt(tokenizer, "named language", user(text), secure("rux"), secure("pyx"));
    return {
      half: halfOf(topics.indexOf(question.topic)),
      decided: at(question.text),
      other: at(question.text.replace(" rux ", " pyx ")),
    };
  });
}

/** Countries whose capitals are traced: each is a fact with features of its own. */
const COUNTRIES = 4;

function capitalPairs(tokenizer, random) {
  const asked = worldQuestions.filter(({ kind }) => kind === "capitals");
  const countries = [...new Set(asked.map(({ topic }) => topic))].slice(0, COUNTRIES);
  const right = (question) => answersTo(question).find((answer) => answer.class === "helper").text;
  const traced = asked.filter(({ topic }) => countries.includes(topic));
  return traced.map((question) => {
    // The halves have the countries in common, and none of the templates.
    const half = halfOf(question.template);
    const others = asked.filter(({ template, topic }) => template === question.template && topic !== question.topic);
    const other = random.choice(others);
    const at = ({ text }) => prompt(tokenizer, "capitals", user(text), right(question), right(other));
    return { half, decided: at(question), other: at(other) };
  });
}
