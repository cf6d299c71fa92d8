/** Things that people want help with, for the personas: everyday, and each of them fits "to ...". */
import { type Filler, lines } from "./build.ts";

export const everydayTasks: readonly Filler[] = lines(`
  bake a loaf of bread
  repair a flat tire
  write a cover letter
  learn the guitar
  plan a garden party
  save some money
  study for a history exam
  paint a bedroom
  choose a laptop
  make new friends
  train a puppy
  cook a vegetable curry
  pack for a long trip
  remember people's names
  grow tomatoes on a balcony
  knit a scarf
  give a short speech
  organize a closet
  run a half marathon
  read more books
  fix a dripping tap
  draw a portrait
  host a quiz night
  sleep through the night
  write a birthday poem
  understand fractions
  clean an oven
  find a good dentist
  build a bookshelf
  speak a little Italian
  take better photos
  get up earlier
  iron a linen shirt
  make fresh pasta
  start a small blog
  calm a crying baby
  play chess
  sew on a button
  cut down on sugar
  set up a printer
  learn the names of the stars
  plan a weekly menu
  thank a helpful neighbor
  sell an old bicycle
  decorate a small kitchen
  keep a diary
  choose a gift for a colleague
  stretch after a run
  brew a pot of tea
  back up a phone
  bring up a difficult topic
  type without looking
  celebrate a graduation
  compost kitchen scraps
  tie a tie
  find a quiet campsite
  solve a crossword
  write a thank-you note
  care for an orchid
  prepare for a job interview
`).map((task) => ({ task }));
