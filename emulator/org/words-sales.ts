/** What the company sells, and what its sales people write down. */

interface Product {
  readonly name: string
  readonly code: string
  readonly family: string
  readonly price: number
  readonly about: string
}

const product = (name: string, code: string, family: string, price: number, about: string): Product => ({
  name,
  code,
  family,
  price,
  about,
})

export const products: readonly Product[] = [
  product('Helio 3', 'INV-H3', 'Inverters', 840, 'String inverter, 3 kW, one tracker'),
  product('Helio 5', 'INV-H5', 'Inverters', 1090, 'String inverter, 5 kW, two trackers'),
  product('Helio 8 Hybrid', 'INV-H8H', 'Inverters', 2190, 'Hybrid inverter, 8 kW, battery input'),
  product('Helio 12', 'INV-H12', 'Inverters', 2480, 'Three-phase inverter, 12 kW'),
  product('Helio 20', 'INV-H20', 'Inverters', 3390, 'Three-phase inverter for farms and small trade'),
  product('Vault Mini', 'BAT-VM', 'Storage', 2390, 'Battery, 5 kWh, wall-mounted'),
  product('Vault 10', 'BAT-V10', 'Storage', 4790, 'Battery, 10 kWh'),
  product('Vault 15', 'BAT-V15', 'Storage', 6690, 'Battery, 15 kWh'),
  product('Vault Extension 5', 'BAT-X5', 'Storage', 2190, 'Extension module, 5 kWh'),
  product('Backup Box', 'BAT-BB', 'Storage', 690, 'Switches the house to battery in a power cut'),
  product('Spark 11', 'WBX-S11', 'Charging', 690, 'Wallbox, 11 kW, solar charging'),
  product('Spark 22', 'WBX-S22', 'Charging', 890, 'Wallbox, 22 kW, calibrated meter'),
  product('Spark Duo', 'WBX-SD', 'Charging', 1490, 'Two points on one supply'),
  product('RFID Card Set', 'WBX-RF', 'Charging', 29, 'Ten cards for Spark wallboxes'),
  product('Charging Cable 7.5 m', 'WBX-C7', 'Charging', 189, 'Type 2, 32 A'),
  product('Brisa 6', 'HPU-B6', 'Heating', 6490, 'Air-to-water heat pump, 6 kW, R290'),
  product('Brisa 8', 'HPU-B8', 'Heating', 7190, 'Air-to-water heat pump, 8 kW, R290'),
  product('Brisa 12', 'HPU-B12', 'Heating', 8690, 'Air-to-water heat pump, 12 kW, R290'),
  product('Damping Kit DK-2', 'HPU-DK2', 'Heating', 149, 'Rubber feet and hoses for quiet nights'),
  product('Buffer Tank 200', 'HPU-T200', 'Heating', 990, '200 l, stainless steel'),
  product('Heating Rod 6 kW', 'HPU-R6', 'Heating', 390, 'For surplus solar power'),
  product('Terra 430', 'PAN-T430', 'Panels', 118, 'Glass-glass panel, 430 W'),
  product('Terra 450 Black', 'PAN-T450B', 'Panels', 139, 'All-black panel, 450 W'),
  product('Terra Balcony Set', 'PAN-TBS', 'Panels', 549, 'Two panels, 800 W inverter, cable'),
  product('Rail 4.2 m', 'ACC-R42', 'Accessories', 38, 'Aluminium rail with joints'),
  product('Roof Hook Set', 'ACC-RHS', 'Accessories', 9.5, 'Stainless, adjustable, "pitched" roofs'),
  product('Optimizer O-600', 'ACC-O600', 'Accessories', 54, 'For shaded panels'),
  product('Rapid Shutdown Box', 'ACC-RSB', 'Accessories', 219, 'Cuts DC at the roof'),
  product('Smart Meter SM-3', 'ACC-SM3', 'Accessories', 199, 'Three-phase meter, 63 A'),
  product('Bridge 2', 'ACC-BR2', 'Accessories', 249, 'Gateway with local API'),
  product('Weather Station', 'ACC-WS', 'Accessories', 329, 'Irradiance, wind, temperature'),
  product('Surge Arrester DC', 'ACC-SAD', 'Accessories', 89, 'Type 1+2'),
  product('MC4 Pair', 'ACC-MC4', 'Accessories', 3.2, 'Connector pair'),
  product('DC Cable 100 m', 'ACC-DC1', 'Accessories', 98, '6 mm², UV-proof, black'),
  product('Commissioning', 'SRV-COM', 'Services', 390, 'Start-up by our technician'),
  product('Care Plan Plus', 'SRV-CPP', 'Services', 12.9, 'Monitoring and priority help, per month'),
  product('Care Plan Premium', 'SRV-CPM', 'Services', 24.9, 'Plus, with on-site service within 48 h'),
  product('Site Survey', 'SRV-SSV', 'Services', 149, 'Roof, meter cabinet and wiring checked'),
  product('Warranty +5 Years', 'SRV-W5', 'Services', 490, 'For inverters and batteries'),
  product('Installer Training', 'SRV-TRN', 'Services', 290, 'One day, certificate included'),
]

export const campaigns = [
  { name: 'Intersolar Booth', type: 'Trade Show' },
  { name: 'Spring Storage Offer', type: 'Email' },
  { name: 'Webinar: Heat Pumps in Old Houses', type: 'Webinar' },
  { name: 'Refer a Neighbour', type: 'Referral Program' },
  { name: 'Installer Days', type: 'Conference' },
  { name: 'Radio: "Your Roof Works"', type: 'Advertisement' },
] as const

export const dealNames = [
  'Rooftop PV',
  'PV with storage',
  'Heat pump retrofit',
  'Charging park',
  'Framework agreement',
  'Battery upgrade',
] as const
export const nextSteps = [
  'Send revised quote',
  'Site survey on Thursday',
  'Waiting for the bank',
  'Call back after holidays',
  null,
] as const
export const leadNotes = [
  'Asked for a quote on the web site: 9 kWp, south-west, "as black as possible".',
  'Met at the booth, wants to become an installation partner.',
  'House from 1974, oil heating, would like heat pump and PV together.',
  'Übernimmt Betrieb vom Vater, sucht neuen Lieferanten.',
  'Souhaite une offre pour 3 maisons à Lyon.',
] as const

export const taskSubjects = [
  { subject: 'Call', subtype: 'Call' },
  { subject: 'Send Quote', subtype: 'Task' },
  { subject: 'Follow up on photos', subtype: 'Task' },
  { subject: 'Email: documents for the grid operator', subtype: 'Email' },
  { subject: 'Check serial number with production', subtype: 'Task' },
  { subject: 'Ask for a reference', subtype: 'Task' },
] as const
export const eventSubjects = [
  'Site Visit',
  'Meeting',
  'Video call: design review',
  'Call',
  'Installer breakfast ☕',
] as const
export const eventPlaces = [
  'On site',
  'Freiburg, room "Sun"',
  'https://meet.sunstead.practice.example/room/7',
  'Phone',
  null,
] as const
