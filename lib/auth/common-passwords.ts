import 'server-only'

import { clinic } from '#lib/clinic.ts'
import { PasswordList } from './password-list.ts'

/** Passwords of twelve characters and more out of a million that were found in leaks; see docs/passwords.md. */
export const leaked = new PasswordList('common-passwords')

/** The twenty thousand most frequent of the shorter ones, as far as they are words and names. */
export const frequent = new PasswordList('common-words')

/**
 * What people choose when a form wants twelve characters, from our own reading of published frequency lists. Two
 * parts: whole passwords, and words that make up most of the rest ("Password2026!!", "welcome12345", "riverside-clinic").
 */
const whole = new Set(
  `123456789012 1234567890123 12345678901234 123456789101112 1234567891011 0123456789012 987654321098 112233445566
  1q2w3e4r5t6y 1q2w3e4r5t6y7u 1qaz2wsx3edc 1qaz2wsx3edc4rfv 1qazxsw23edc zaq12wsxcde3 zaq1xsw2cde3 q1w2e3r4t5y6
  qazwsxedcrfv qazwsxedcrfvtgb qwertyuiop12 qwertyuiop123 qwertyuiop[] qwertyuiopas qwertyuiopasdf asdfghjkl123
  asdfghjkl;'\\ asdfghjklzxcvbnm zxcvbnm12345 zxcvbnmasdfghjkl qweasdzxc123 1234qwerasdf 1234qwerasdfzxcv qwerasdfzxcv
  abcdefghijkl abcdefghijklm abcdefghijklmnop abc123456789 a1b2c3d4e5f6 aabbccddeeff abcabcabcabc abcd12345678
  correcthorsebatterystaple correct horse battery staple tobeornottobe thequickbrownfox onceuponatime
  manchesterunited liverpoolfc1 liverpoolfcynwa chelseafc123 realmadrid12 barcelona123 chicagobulls chicagocubs1
  chicagobears greenbaypackers dallascowboys newyorkyankees losangeles12 newengland12 sanfrancisco philadelphia
  massachusetts pennsylvania northcarolina southcarolina westvirginia rhodeisland1 unitedstates southafrica
  christopher1 christopher12 christopher123 alexander123 alexandra123 michelle1234 stephanie123 jonathan1234
  elizabeth123 elizabeth1234 jacqueline12 maximilian12 valentina123 benjamin1234 samantha1234 brittany1234
  iloveyouforever iloveyousomuch iloveyoubaby iloveyou1234 iloveyou12345 ilovemyfamily ilovemymother ilovemykids
  ilovejesus12 ilovejesus123 jesuslovesme jesuschrist1 jesusislord1 jesusismylord godisgood123 godislove123
  thankyoujesus thankyoulord hallelujah12 blessed12345 inmyheart123 forever12345 foreverandever foreveryoung
  mynameisjohn mynameisjames dontforgetme dontforget12 neverforget1 nevergiveup1 nevergiveup123 donttouchthis
  whatever1234 unbelievable unforgettable indestructible supercalifragilistic supercalifragilisticexpialidocious
  basketball12 basketball123 basketball23 volleyball12 volleyball123 cheerleader1 cheerleader12 skateboard12
  snowboarding skateboarding baseball1234 football1234 football12345 soccerplayer soccer123456 hockey123456
  motherfucker fuckyoubitch fuckoff12345 fuckyou12345 fuckyou123456 motherfucker1 sonofabitch1 suckmydick69
  starwars1234 starwars12345 maytheforcebewithyou darthvader12 darthvader123 skywalker123 chewbacca123 obiwankenobi
  harrypotter1 harrypotter12 harrypotter123 hermionegranger expelliarmus gryffindor12 dumbledore12 slytherin123
  lordoftherings gandalf12345 spongebob123 spongebob1234 mickeymouse1 mickeymouse12 mickeymouse123 winniethepooh
  hellokitty12 hellokitty123 pokemon12345 pikachu12345 charizard123 minecraft123 minecraft1234 worldofwarcraft
  callofduty12 callofduty123 counterstrike assassinscreed finalfantasy finalfantasy7 grandtheftauto playstation1
  playstation2 playstation3 playstation4 playstation5 nintendo1234 legendofzelda metallica123 ironmaiden12
  slipknot1234 linkinpark12 linkinpark123 greenday1234 nirvana12345 tokiohotel12 mychemicalromance onedirection1
  onedirection justinbieber taylorswift1 taylorswift13 marilynmanson avengedsevenfold bobmarley123 johncena1234
  strawberry12 strawberry123 blueberry123 watermelon12 chocolate123 chocolate1234 butterfly123 butterfly1234
  dragonfly123 sunflower123 moonlight123 starlight123 summertime12 christmas123 christmas1225 halloween123
  midnight1234 sunshine1234 sunshine12345 princess1234 princess12345 superman1234 superman12345 batman123456
  spiderman123 spiderman1234 wonderwoman1 blackpanther captainamerica ironman12345 dragonballz1 dragonballz123
  computer1234 computer12345 internet1234 microsoft123 administrator administrator1 administrator123 webmaster123
  system123456 database1234 server123456 testtesttest test12345678 testing12345 temporary123 temppassword
  changeme1234 changeme12345 pleasechangeme changemenow1 defaultpassword mypassword12 mypassword123 thispassword
  newpassword1 newpassword12 newpassword123 yourpassword passwordpassword passwordisthis thisismypassword
  opensesame12 letmein12345 letmein123456 letmeinplease welcome12345 welcome123456 welcomehome1 welcomeback1
  hello1234567 helloworld12 helloworld123 goodmorning1 goodmorning12 goodnight123 goodluck1234 happybirthday
  happybirthday1 happynewyear1 happyhappyjoyjoy hakunamatata hakunamatata1 dontworrybehappy smile1234567
  hospital1234 hospital12345 healthcare12 healthcare123 medicalcenter patientportal patientportal1 mychart12345
  doctor123456 nurse1234567 nursing12345 pharmacy1234 emergency911`
    .split(/\n\s*/)
    .flatMap((line) => line.trim().split(' '))
    .concat('correct horse battery staple', 'to be or not to be', 'once upon a time', 'the quick brown fox'),
)

/** Words of this product, this clinic and its roles, which stand on every page (ASVS 5.0 6.2.11); docs/passwords.md lists them. */
export const ownWords = [
  ...'vigil hospital health healthcare medical patient proxy portal mychart doctor nurse clinician clinic billing'.split(
    ' ',
  ),
  ...'compliance admin administrator staff chicago illinois'.split(' '),
  ...clinic.name.toLowerCase().split(' '),
]

/** Words and keyboard runs; what is left of a password without them has to carry it. */
const parts =
  `password passwort passw0rd passwd contrasena senha motdepasse welcome letmein login signin admin administrator
  root user guest test testing temp temporary changeme default secret master access iloveyou ilove loveyou love
  princess sunshine monkey dragon shadow superman batman spiderman pokemon football baseball basketball soccer
  hockey michael jennifer jessica ashley daniel andrew jordan thomas joshua matthew charlie hello whatever trustno1
  freedom computer internet qwertyuiop qwerty qwertz azerty asdfghjkl asdfgh asdf zxcvbnm zxcvbn qazwsx wsxedc
  1qaz2wsx 1q2w3e4r 1q2w3e q1w2e3 zaq12wsx abc123 abcdef abcd abc spring summer autumn winter january february march
  april june july august september october november december monday tuesday wednesday thursday friday saturday sunday`
    .split(/\s+/)
    .concat(ownWords)

/** Letters that people write as signs ("P@ssw0rd"), undone before looking for words. */
const signs: Readonly<Record<string, string>> = {
  '@': 'a',
  $: 's',
  '!': 'i',
  '0': 'o',
  '3': 'e',
  '5': 's',
  '7': 't',
}

/** Fewest code points that a password must have beside common words, years, runs and repetition. */
const ownPartMin = 6

/** Fewest different code points: "aaaaaaaaaaaa" and "121212121212" are long and worth nothing. */
const differentMin = 5

/**
 * Whether a password is on a list, or is made of little but listed words, digits in order, years and repetition.
 * @param password normalised (NFC), of any length
 * @param about words that have to do with its owner, such as their e-mail address and their name
 */
export function isCommonPassword(password: string, about: readonly string[] = []): boolean {
  const lower = password.toLowerCase()
  const bare = lower.replace(/[^\p{L}\p{N}]+$/u, '')
  if ([lower, bare].some((each) => whole.has(each) || leaked.has(each))) return true
  if (new Set(lower).size < differentMin) return true
  const known = [...parts, ...about.flatMap(wordsOf)].toSorted((a, b) => b.length - a.length)
  return isThin(lower, known) || isThin(spelled(lower), known) || isDecoratedWord(lower)
}

/** "maria.lopez@example.org" and "María López" as the words that a password might be made of. */
function wordsOf(text: string): string[] {
  const lower = text.normalize('NFC').toLowerCase()
  return [...lower.split(/[^\p{L}\p{N}]+/u), lower.split('@')[0] ?? ''].filter(
    (word) => [...word].length >= 4,
  )
}

/** A frequent word or name, perhaps twice, with little of its own around it: "michelle!1989!", "chocolatechocolate". */
function isDecoratedWord(text: string): boolean {
  const core = text.replace(/^\P{L}+|\P{L}+$/gu, '').replace(/^(.+?)\1+$/u, '$1')
  return (frequent.has(core) || frequent.has(spelled(core))) && isThin(text, [core])
}

function spelled(text: string): string {
  return [...text].map((sign) => signs[sign] ?? sign).join('')
}

function isThin(text: string, known: readonly string[]): boolean {
  let rest = text
  for (const part of known) rest = rest.replaceAll(part, '\n')
  rest = rest
    .replace(/(19|20)\d\d/g, '')
    .replace(/(.+?)\1{2,}/gu, '$1')
    .replace(/[^\p{L}\p{N}]/gu, '')
  return [...withoutRuns(rest)].length < ownPartMin
}

/** Takes out digits or letters that follow each other up or down, three or more at a time: 12345, 987, cdef. */
function withoutRuns(text: string): string {
  const points = Array.from(text, (sign) => sign.codePointAt(0) ?? 0)
  const kept: number[] = []
  let start = 0
  while (start < points.length) {
    const end = Math.max(runEnd(points, start, 1), runEnd(points, start, -1))
    if (end - start < 3) {
      kept.push(points[start] ?? 0)
      start += 1
    } else start = end
  }
  return String.fromCodePoint(...kept)
}

function runEnd(points: readonly number[], start: number, step: 1 | -1): number {
  let end = start + 1
  while (end < points.length && points[end] === (points[end - 1] ?? 0) + step) end += 1
  return end
}
