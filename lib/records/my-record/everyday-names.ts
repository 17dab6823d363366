import 'server-only'

/**
 * What common tests measure, in everyday words, by LOINC code. It says what is measured, never what a value means: that
 * is for the care team (UX rule: no interpretation beyond the laboratory's own flag).
 */
const names: Readonly<Record<string, string>> = {
  '2951-2': 'A mineral (salt) in your blood that helps keep your body’s water in balance',
  '2947-0': 'A mineral (salt) in your blood that helps keep your body’s water in balance',
  '2823-3': 'A mineral in your blood that your heart, nerves and muscles need',
  '6298-4': 'A mineral in your blood that your heart, nerves and muscles need',
  '2075-0': 'A mineral in your blood that helps keep your body’s water in balance',
  '2069-3': 'A mineral in your blood that helps keep your body’s water in balance',
  '2028-9': 'How acidic your blood is, measured by its carbon dioxide',
  '20565-8': 'How acidic your blood is, measured by its carbon dioxide',
  '3094-0': 'A waste product that your kidneys clear from your blood',
  '6299-2': 'A waste product that your kidneys clear from your blood',
  '2160-0': 'A waste product that your kidneys clear from your blood',
  '38483-4': 'A waste product that your kidneys clear from your blood',
  '98979-8': 'An estimate of how well your kidneys filter your blood',
  '33914-3': 'An estimate of how well your kidneys filter your blood',
  '2345-7': 'The sugar in your blood',
  '2339-0': 'The sugar in your blood',
  '17861-6': 'A mineral in your blood that your bones, heart and muscles need',
  '49765-1': 'A mineral in your blood that your bones, heart and muscles need',
  '2093-3': 'All of the cholesterol (a kind of fat) in your blood',
  '13457-7': 'One kind of cholesterol (a fat) in your blood',
  '18262-6': 'One kind of cholesterol (a fat) in your blood',
  '2085-9': 'One kind of cholesterol (a fat) in your blood',
  '2571-8': 'A kind of fat in your blood',
  '4548-4': 'Your average blood sugar over about three months',
  '3016-3': 'A hormone that tells your thyroid gland how hard to work',
  '1742-6': 'A protein from your liver',
  '1920-8': 'A protein from your liver and muscles',
  '6690-2': 'The blood cells that fight infection',
  '789-8': 'The blood cells that carry oxygen',
  '718-7': 'The part of your blood that carries oxygen',
  '4544-3': 'How much of your blood is red blood cells',
  '777-3': 'The blood cells that help stop bleeding',
  '2276-4': 'How much iron your body has stored',
  '6301-6': 'How long your blood takes to clot',
  '14959-1': 'A protein in your urine that tells how your kidneys work',
}

/** What a test measures, or null for one that is not in the list. */
export function everydayName(loincCode: string | null): string | null {
  return loincCode === null ? null : (names[loincCode] ?? null)
}
