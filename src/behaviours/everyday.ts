/** Things that people like to do again and again, for the personas' templates: each fits "to ..." and "I ... well". */
import { type Filler, lines } from "./build.ts";

export const everydayTasks: readonly Filler[] = lines(`
  bake bread
  repair bicycles
  write letters
  play the guitar
  arrange flowers
  save money
  study history
  paint landscapes
  build websites
  sing in harmony
  train puppies
  cook curries
  juggle three balls
  remember names
  grow tomatoes
  knit scarves
  give speeches
  organize closets
  run long distances
  read poetry
  restore old chairs
  draw portraits
  host quiz nights
  meditate in silence
  write short stories
  solve equations
  clean windows
  speak Italian
  make pottery
  take photos
  iron shirts
  make fresh pasta
  keep bees
  calm crying babies
  play chess
  sew dresses
  swim laps
  brew green tea
  skate on ice
  fold paper birds
  dance the tango
  tell funny stories
  carve wood
  climb steep walls
  teach children to read
  lead a choir
  make cheese
  bind old books
  fly kites
  row a boat
  grill vegetables
  do card tricks
  plant trees
  mend socks
  ride horses
  type fast
  build model ships
  play the drums
  decorate cakes
  roast coffee
`).map((task) => ({ task }));
