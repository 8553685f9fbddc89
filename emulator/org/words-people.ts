/** Names of people, companies and places. */

/** People's names by the language they go with, so that a name, a company and a town fit each other. */
export const people = {
  en: {
    first: ['Olivia', 'Liam', 'Amelia', 'Noah', 'Grace', 'Ethan', 'Priya', 'Marcus', 'Hannah', 'Caleb', 'Zoë', 'Dylan'],
    last: ['Walker', 'Nguyen', "O'Brien", 'Patel', 'Carter', 'Brooks', 'Okafor', 'Hughes', 'Ramirez', 'Kim', 'Foster'],
  },
  de: {
    first: ['Lukas', 'Anna', 'Jürgen', 'Sabine', 'Felix', 'Käthe', 'Tobias', 'Ayşe', 'Matthias', 'Greta', 'Björn'],
    last: ['Müller', 'Schneider', 'Weiß', 'Yılmaz', 'Hoffmann', 'Großmann', 'Vogel', 'Krüger', 'Lindner', 'Böhm'],
  },
  fr: {
    first: ['Chloé', 'Julien', 'Élodie', 'Mathieu', 'Inès', 'Rémi', 'Aurélie', 'Baptiste', 'Noémie', 'François'],
    last: ['Lefèvre', "D'Amico", 'Moreau', 'Garnier', 'Benali', 'Rousseau', 'Faure', 'Chevalier', 'Marchand'],
  },
  // Here the first and last names of one place go together.
  world: {
    first: ['Łukasz', 'Søren', '美咲', 'Олена', 'محمد', 'José', 'Θεοδώρα', 'Văn An', '伟', 'Ingrid', 'João'],
    last: [
      'Wójcik',
      'Dahl',
      '小林',
      'Шевченко',
      'الحسن',
      'García Ñíguez',
      'Παπαδοπούλου',
      'Nguyễn',
      '李',
      'Ångström',
      'Lopes',
    ],
  },
} as const

export type Tongue = keyof typeof people

/** Letters that an e-mail address can be made of, for names in other scripts. */
export const latinNames = [
  'misaki',
  'olena',
  'mohammed',
  'theodora',
  'wei',
  'lukasz',
  'soren',
  'jose',
  'ingrid',
] as const

export const companies: {
  readonly [tongue in Tongue]: { readonly names: readonly string[]; readonly kinds: readonly string[] }
} = {
  en: {
    names: [
      'Brightfield',
      'Copper Ridge',
      'Hollow Oak',
      'Larkspur',
      'Northgate',
      'Silver Creek',
      'Tidewater',
      'Westbrook',
    ],
    kinds: [
      'Solar Installations',
      'Electrical Ltd',
      'Property Group',
      'Home Energy, Inc.',
      'Builders & Sons',
      'Supply Co.',
    ],
  },
  de: {
    names: ['Nordwind', 'Sonnenhof', 'Rheintal', 'Alpenblick', 'Bergmann', 'Hansen & Töchter', 'Lindenau', 'Steinbach'],
    kinds: ['Haustechnik GmbH', 'Solar AG', 'Elektro GmbH & Co. KG', 'Wohnbau eG', 'Energieberatung', 'Dachbau'],
  },
  fr: {
    names: [
      'Clairval',
      'Beaumont',
      'Méditerranée',
      'Les Tilleuls',
      'Bordelais',
      'Haute-Rive',
      "L'Étoile",
      'Saint-Aubin',
    ],
    kinds: ['Énergie SARL', 'Solaire SAS', 'Habitat', 'Électricité Générale', 'Rénovation & Fils', 'Immobilier'],
  },
  world: {
    names: ['Aurora', 'Sakura 電気', 'Полтава', 'Delta', 'Kvarken', 'Meridian', 'São Bento', 'Ægir'],
    kinds: ['Power', 'Enerji A.Ş.', 'Energy Sp. z o.o.', 'Elektro AB', 'Renovables S.L.', 'エネルギー株式会社'],
  },
}

interface Place {
  readonly city: string
  readonly state: string | null
  readonly country: string
  readonly postalCode: string
  readonly latitude: number
  readonly longitude: number
  readonly dialling: string
}

function place(
  city: string,
  state: string | null,
  country: string,
  postalCode: string,
  at: readonly [number, number],
  dialling: string,
): Place {
  return { city, state, country, postalCode, latitude: at[0], longitude: at[1], dialling }
}

export const places: { readonly [tongue in Tongue]: readonly Place[] } = {
  en: [
    place('Austin', 'TX', 'United States', '78701', [30.2672, -97.7431], '+1 512'),
    place('Denver', 'CO', 'United States', '80202', [39.7392, -104.9903], '+1 303'),
    place('San Diego', 'CA', 'United States', '92101', [32.7157, -117.1611], '+1 619'),
    place('Bristol', null, 'United Kingdom', 'BS1 4DJ', [51.4545, -2.5879], '+44 117'),
  ],
  de: [
    place('Freiburg im Breisgau', 'Baden-Württemberg', 'Germany', '79098', [47.999, 7.8421], '+49 761'),
    place('München', 'Bayern', 'Germany', '80331', [48.1351, 11.582], '+49 89'),
    place('Hamburg', null, 'Germany', '20095', [53.5511, 9.9937], '+49 40'),
    place('Zürich', 'ZH', 'Switzerland', '8001', [47.3769, 8.5417], '+41 44'),
  ],
  fr: [
    place('Lyon', 'Auvergne-Rhône-Alpes', 'France', '69002', [45.764, 4.8357], '+33 4'),
    place('Bordeaux', 'Nouvelle-Aquitaine', 'France', '33000', [44.8378, -0.5792], '+33 5'),
    place('Liège', null, 'Belgium', '4000', [50.6326, 5.5797], '+32 4'),
  ],
  world: [
    place('Gdańsk', 'Pomorskie', 'Poland', '80-001', [54.352, 18.6466], '+48 58'),
    place('Málaga', 'Andalucía', 'Spain', '29001', [36.7213, -4.4214], '+34 952'),
    place('Göteborg', null, 'Sweden', '411 03', [57.7089, 11.9746], '+46 31'),
    place('横浜市', '神奈川県', 'Japan', '220-0012', [35.4437, 139.638], '+81 45'),
  ],
}

export const streets: { readonly [tongue in Tongue]: readonly string[] } = {
  en: ['Sycamore Avenue', 'Mill Lane', 'Juniper Street', 'Harbour Road, Unit 4'],
  de: ['Lindenstraße', 'Am Mühlbach', 'Goetheplatz', 'Industriestraße'],
  fr: ['rue des Lilas', "avenue de l'Océan", 'chemin du Moulin', 'place Bellecour'],
  world: ['ulica Długa', 'Calle Sol', 'Storgatan', '本町'],
}

export const departments = [
  'Operations',
  'Facilities',
  'Purchasing',
  'Field Service',
  'Accounting',
  'Management',
] as const
export const jobTitles = [
  'Head of Operations',
  'Facilities Manager',
  'Lead Electrician',
  'Buyer',
  'Site Supervisor',
  'Owner',
  'Energy Consultant',
  'Office Manager',
] as const

interface StaffMember {
  readonly first: string
  readonly last: string
  readonly title: string
  readonly team: 'management' | 'support' | 'sales' | 'content' | 'integration'
}

function staff(
  team: StaffMember['team'],
  people: readonly (readonly [string, string, string])[],
): readonly StaffMember[] {
  return people.map(([first, last, title]) => ({ first, last, title, team }))
}

/** The company's own people. The first two are the ones who can sign in. */
export const employees: readonly StaffMember[] = [
  ...staff('management', [['Ada', 'Lindqvist', 'Salesforce Administrator']]),
  ...staff('support', [
    ['Sam', 'Rivera', 'Support Agent'],
    ['Nadia', 'Haddad', 'Support Agent'],
    ['Tom', 'Becker', 'Support Agent'],
    ['Claire', 'Fontaine', 'Support Agent'],
    ['Kenji', 'Watanabe', 'Senior Support Engineer'],
    ['Maria', 'Oliveira', 'Support Agent'],
    ['Jonas', 'Weber', 'Senior Support Engineer'],
    ['Aoife', 'Byrne', 'Support Agent'],
    ['Ravi', 'Menon', 'Firmware Specialist'],
    ['Élise', 'Marchand', 'Support Agent'],
    ['Peter', 'Novák', 'Support Agent'],
    ['Grace', 'Mbeki', 'Support Team Lead'],
    ['Hugo', 'Nyström', 'Support Agent'],
    ['Lucía', 'Romero', 'Support Agent'],
  ]),
  ...staff('sales', [
    ['Daniel', 'Cho', 'Account Executive'],
    ['Katrin', 'Schäfer', 'Account Executive'],
    ['Benoît', 'Lambert', 'Account Executive'],
    ['Erin', 'Gallagher', 'Account Executive'],
    ['Omar', 'Farouk', 'Sales Development'],
    ['Sofia', 'Rossi', 'Account Executive'],
    ['Miles', 'Turner', 'Sales Development'],
    ['Yuki', 'Tanaka', 'Partner Manager'],
    ['Frida', 'Holm', 'Head of Sales'],
  ]),
  ...staff('content', [
    ['Ines', 'Carvalho', 'Technical Writer'],
    ['Paul', 'Dietrich', 'Technical Writer'],
  ]),
  ...staff('management', [
    ['Helen', 'Osei', 'Head of Customer Care'],
    ['Victor', 'Blanc', 'Chief Executive Officer'],
  ]),
  ...staff('integration', [['Integration', 'User', 'Data Integration']]),
]
