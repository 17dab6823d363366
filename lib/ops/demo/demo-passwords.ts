import 'server-only'
import { randomInt } from 'node:crypto'
import { passwordFault } from '#lib/auth/password-rules.ts'

/** Short, common, and not alike when read out: 9 bits a word would be 512; these are 256, so 8 bits each. */
const words =
  `acorn actor alder amber anchor apple april apron arrow aspen atlas attic autumn badge bagel bakery bamboo banjo barley basil basket beacon beaver
berry birch biscuit blanket blossom bonnet bottle boulder bramble branch brandy bridge bronze bucket buffalo bugle butter button cabin cactus camel
canal candle canvas canyon carpet carrot castle cedar cello chalk cherry chimney cider circus citrus clover cobalt coconut comet compass copper coral
cotton coyote cradle crane cricket crystal curtain daisy dancer delta desert dolphin domino donkey dragon drawer drummer eagle easel ember engine
fabric falcon feather fennel fiddle finch flannel flute forest fossil fountain gallery garden garlic gazelle ginger giraffe glacier goblet granite
gravel guitar hammer hammock harbor harvest hazel hedge heron hickory honey hornet iguana indigo island ivory jacket jasmine jigsaw juniper kayak
kettle kitten koala ladder lagoon lantern lemon lentil lilac linen lizard lobster locket lumber lupine magnet mango maple marble meadow melon mirror
mitten mosaic muffin mustard napkin nectar needle nickel nutmeg oasis oboe olive onion opal orchard orchid otter oyster paddle panda papaya parade
parrot pebble pelican pencil pepper piano pickle pigeon pillow piston plaza plum pocket poplar poppy prairie pretzel prism puffin pumpkin puzzle
quail quartz quilt rabbit radish raisin raven ribbon river robin rocket saddle saffron salmon sandal satin scarf seagull shovel silver sparrow spinach
spruce squash stable summit sunset tavern teapot thimble thistle thunder tiger timber toffee tomato topaz trellis tulip tunnel turnip turtle
umbrella valley vanilla velvet violet violin walnut walrus willow window winter yarrow zebra zipper`.split(
    /\s+/,
  )

/** A password of five words for one account of the demo, made anew for each home: about 40 bits, and sign-in is throttled. */
export function demoPassword(): string {
  for (;;) {
    const password = Array.from({ length: 5 }, () => words[randomInt(words.length)] ?? 'acorn').join('-')
    if (passwordFault(password) === null) return password
  }
}
