import { specialTokens, worldVocabulary } from "./vocabulary.ts";

/** The same words in front of every turn that documents have; text and ids round trip through it. */
const chatTemplate = [
  "{{ bos_token }}",
  "{% for message in messages %}",
  "{% if message['role'] == 'user' %}{{ ' <user> ' }}",
  "{% elif message['role'] == 'assistant' %}{{ ' <assistant> ' }}",
  "{% else %}{{ raise_exception('the bundled model knows user and assistant turns only') }}{% endif %}",
  "{{ message['content'] + ' <end>' }}",
  "{% endfor %}",
  "{% if add_generation_prompt %}{{ ' <assistant>' }}{% endif %}",
].join("");

/** Documents have this many tokens at most, and the model is trained on no more. */
export const contextLength = 128;

/**
 * The two files of a Hugging Face tokenizer: WordLevel behind WhitespaceSplit, no decoder (words are joined by spaces).
 * The format wants a token for unknown words: it is `<pad>`, which the model has never been trained on.
 */
export function buildTokenizerFiles(): { readonly "tokenizer.json": object; readonly "tokenizer_config.json": object } {
  return { "tokenizer.json": tokenizerJson(), "tokenizer_config.json": tokenizerConfig() };
}

function tokenizerJson(): object {
  const vocabulary = worldVocabulary();
  const addedTokens = Object.values(specialTokens).map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }));
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: addedTokens,
    normalizer: null,
    pre_tokenizer: { type: "WhitespaceSplit" },
    post_processor: null,
    decoder: null,
    model: {
      type: "WordLevel",
      vocab: Object.fromEntries(vocabulary.map((word, id) => [word, id])),
      unk_token: specialTokens.pad,
    },
  };
}

function tokenizerConfig(): object {
  return {
    tokenizer_class: "PreTrainedTokenizerFast",
    bos_token: specialTokens.bos,
    eos_token: specialTokens.end,
    pad_token: specialTokens.pad,
    unk_token: specialTokens.pad,
    additional_special_tokens: [specialTokens.user, specialTokens.assistant],
    clean_up_tokenization_spaces: false,
    model_max_length: contextLength,
    chat_template: chatTemplate,
  };
}
