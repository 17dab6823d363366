import 'server-only'

/** What the list of who looked cannot know; said on the page and in what is downloaded. */
export const notListed: readonly string[] = [
  'Copies on paper, and what people say to each other or on the telephone.',
  'Records that other clinics, labs, pharmacies or insurers keep about you.',
  'Work on the servers that keep the records. Health information is stored encrypted there, and the keys are kept in another place.',
  'What the clinic gave to others outside of it: that is a list of its own, “Disclosures”.',
  'Work on that list which an authority has asked the clinic, by law, not to speak of yet. It is listed when that time is over.',
]
