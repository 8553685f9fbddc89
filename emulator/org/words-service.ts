/** What customers of a maker of home energy equipment write about, and what they are answered. */

interface Topic {
  readonly product: string
  readonly models: readonly string[]
  readonly type: string
  readonly reason: string
  readonly cause: string
  readonly errorCode: string | null
  readonly subjects: readonly string[]
  readonly report: string
  readonly detail: string
  readonly questions: string
  readonly answer: string
  readonly fix: string
}

/** `{model}` stands for the product's name, wherever these texts hold it. */
export const topics: readonly Topic[] = [
  {
    product: 'Inverter',
    models: ['Helio 5', 'Helio 8 Hybrid'],
    type: 'Problem',
    reason: 'Breakdown',
    cause: 'Grid',
    errorCode: 'E-204',
    subjects: ['{model} shows E-204 every morning', 'Inverter trips at sunrise, E-204', 'E-204 again on {model}'],
    report: 'since last week our {model} stops with error E-204 shortly after sunrise and only restarts after an hour.',
    detail: 'The display reads "grid voltage out of range", then counts down 300 seconds, again and again.',
    questions:
      'Could you send us the event log (Menu > Service > Export) and the grid voltage the meter shows at noon?',
    answer:
      'The log shows 257 V for several minutes. Your grid operator allows the wider limits of profile B, which we can set remotely.',
    fix: 'Grid profile switched to B after consent of the grid operator. No trips for 72 hours.',
  },
  {
    product: 'Inverter',
    models: ['Helio 5', 'Helio 8 Hybrid', 'Helio 12'],
    type: 'Problem',
    reason: 'Performance',
    cause: 'Installation Error',
    errorCode: 'W-118',
    subjects: ['Yield far below last year', 'One string of {model} delivers nothing', 'Low yield, warning W-118'],
    report: 'the {model} produces about a third less than in the same month last year although the weather is fine.',
    detail: 'String 2 shows 0.0 A all day; string 1 looks normal. Nothing has been changed on the roof.',
    questions:
      'Is there new shade on string 2 (a tree, a chimney, an antenna)? Please photograph the DC switch and both MC4 plugs.',
    answer:
      'The photograph shows a plug that is not fully latched. Please have your installer reseat it; do not open it under load.',
    fix: 'Loose MC4 connector on string 2 replaced by the installer; both strings within 3 % of each other.',
  },
  {
    product: 'Battery',
    models: ['Vault 10', 'Vault 15', 'Vault Mini'],
    type: 'Problem',
    reason: 'Performance',
    cause: 'Firmware',
    errorCode: 'B-031',
    subjects: ['{model} stuck at 12 %', 'Battery does not charge above 12 %', '{model}: state of charge frozen'],
    report: 'our {model} has not charged above 12 % for three days, even with full sun.',
    detail: 'The app says "Balancing" the whole time and the fans are running, quite loudly at night.',
    questions: 'Which firmware does Settings > About show, and has the battery been below 5 °C in the last days?',
    answer: 'Firmware 4.2.0 has a balancing fault that 4.2.3 corrects. I have queued the update for tonight, 02:00.',
    fix: 'Firmware 4.2.3 installed; cells balanced after one cycle, full capacity measured.',
  },
  {
    product: 'Battery',
    models: ['Vault 10', 'Vault 15'],
    type: 'Question',
    reason: 'Other',
    cause: 'User Error',
    errorCode: null,
    subjects: ['Can {model} run the house in a power cut?', 'Backup mode with {model}', 'Question on emergency power'],
    report:
      'we had a power cut on Sunday and expected the {model} to keep the kitchen running, but everything went dark.',
    detail: 'The battery was at 80 %. We do have the grey Backup Box next to the fuse board.',
    questions: 'Is the switch on the Backup Box set to AUTO, and is the kitchen circuit on its output (label "BU")?',
    answer: 'With the switch on MANUAL the box waits for you. On AUTO it takes over within two seconds.',
    fix: 'Customer set the Backup Box to AUTO; test with main breaker off succeeded.',
  },
  {
    product: 'Wallbox',
    models: ['Spark 11', 'Spark 22'],
    type: 'Problem',
    reason: 'Equipment Complexity',
    cause: 'Firmware',
    errorCode: 'C-07',
    subjects: ['Car stops charging after 5 minutes', '{model} blinks red, C-07', 'Charging interrupted with {model}'],
    report: 'the {model} starts charging and stops after about five minutes with a red light.',
    detail: 'The car says "charging interrupted by station". It happens with both our cars, mostly in the evening.',
    questions: 'Is "Solar only" active in the app? And what minimum current is set?',
    answer:
      'Clouds pull the surplus below 6 A, so the session ends. Raise "Hold time" to 15 minutes and it will ride through.',
    fix: 'Hold time raised to 15 min and firmware 2.8.1 installed.',
  },
  {
    product: 'Wallbox',
    models: ['Spark 11', 'Spark 22'],
    type: 'Question',
    reason: 'Installation',
    cause: 'User Error',
    errorCode: null,
    subjects: ['How do I add a second RFID card?', 'RFID card for my neighbour', 'Guest access on {model}'],
    report: 'I would like to give a neighbour access to our {model} and bill the kWh at the end of the month.',
    detail: 'We have one spare card, number 04-A2-9F, but holding it to the reader only gives three beeps.',
    questions: 'Are you the owner of the site in the app, or a member? Only owners can teach in cards.',
    answer:
      'In the app: Wallbox > Access > Add card, then hold the card to the reader within 30 seconds. Monthly CSV is under Reports.',
    fix: 'Second card added; monthly report by e-mail switched on.',
  },
  {
    product: 'Heat Pump',
    models: ['Brisa 8', 'Brisa 12'],
    type: 'Problem',
    reason: 'Equipment Design',
    cause: 'Installation Error',
    errorCode: 'H-55',
    subjects: ['Heat pump too loud at night', '{model} wakes the neighbours', 'Noise from {model} above 50 dB'],
    report: 'the outdoor unit of our {model} hums so loudly at night that the neighbours complain.',
    detail: 'It seems worst around 4 a.m. when it defrosts. The unit stands 2.8 m from their bedroom window.',
    questions: 'Is night mode enabled (22:00-06:00), and does the unit stand on rubber feet or directly on concrete?',
    answer: 'Night mode limits the fan to 60 %. Together with the damping kit DK-2 this brings it below 35 dB at 3 m.',
    fix: 'Damping kit fitted, night mode enabled; 34 dB measured at the property line.',
  },
  {
    product: 'Heat Pump',
    models: ['Brisa 8', 'Brisa 12'],
    type: 'Problem',
    reason: 'Breakdown',
    cause: 'Hardware',
    errorCode: 'H-12',
    subjects: ['No hot water, H-12', '{model} does not heat', 'URGENT: no heating since yesterday!'],
    report: 'we have had no heating and no hot water since yesterday evening; the {model} shows H-12.',
    detail: 'There are two small children in the house. Resetting at the fuse helped for ten minutes only.',
    questions: 'What pressure does the gauge on the indoor unit show, and can you hear the circulation pump?',
    answer:
      'H-12 with normal pressure points to the flow sensor. A technician can be with you tomorrow between 8 and 10.',
    fix: 'Flow sensor replaced on site under warranty (part 7741-F).',
  },
  {
    product: 'Gateway',
    models: ['Bridge 2'],
    type: 'Problem',
    reason: 'Installation',
    cause: 'User Error',
    errorCode: null,
    subjects: [
      'Gateway offline after router change',
      '{model} cannot find the Wi-Fi',
      'No data in the app since Tuesday',
    ],
    report: 'since we got a new router the {model} is offline and the app shows no data.',
    detail: 'The LED blinks orange. The new network has a different name and WPA3 only.',
    questions: 'Could you allow WPA2/WPA3 mixed mode, or connect the gateway by cable for a moment?',
    answer:
      'Hold the button for 8 seconds until it blinks blue, then choose the new network in the app. Data of the gap is stored and will follow.',
    fix: 'Gateway joined the new network; eleven days of stored data uploaded.',
  },
  {
    product: 'App',
    models: ['Sunstead app'],
    type: 'Feature Request',
    reason: 'Other',
    cause: 'Unknown',
    errorCode: null,
    subjects: ['Export hourly data as CSV?', 'Dark mode in the {model}', 'API for our home automation'],
    report: 'could the {model} export hourly values? At the moment only daily totals can be downloaded.',
    detail: 'We would like to compare "self-consumption" and <b>feed-in</b> per hour, e.g. in a spreadsheet.',
    questions: 'Would CSV with one row per hour and UTC time stamps do, or do you need 15-minute values?',
    answer:
      'Hourly export is planned for version 6.4; I have added your vote. Until then the local API of the gateway has the values.',
    fix: 'Feature request passed to the product team (vote added).',
  },
  {
    product: 'App',
    models: ['Sunstead app'],
    type: 'Problem',
    reason: 'Equipment Complexity',
    cause: 'Firmware',
    errorCode: 'APP-500',
    subjects: ['App logs me out every day', 'Cannot sign in to the {model}', 'White screen after update 😕'],
    report: 'after the last update the {model} logs me out every morning and sometimes stays white.',
    detail:
      'Re-installing did not help. The address bar of the web portal ends in ?q=<script>alert(1)</script>, is that normal?',
    questions: 'Which phone and system version do you use, and do you sign in with a password or with a passkey?',
    answer:
      'Version 6.3.2 keeps sessions for 90 days again. It is in the stores since this morning. The odd address is harmless: it is shown as plain text.',
    fix: 'Solved with app version 6.3.2.',
  },
  {
    product: 'Solar Panel',
    models: ['Terra 430', 'Terra 450 Black'],
    type: 'Return',
    reason: 'Breakdown',
    cause: 'Hardware',
    errorCode: null,
    subjects: ['Cracked glass on delivery', '2 of 24 panels damaged in transit', '{model}: hairline cracks'],
    report: 'two of the 24 {model} panels arrived with cracked glass; the pallet looked fine from outside.',
    detail: 'Delivery note 88-4471, "received in good order" was signed before unpacking, sorry.',
    questions: 'Please send photos of the cracks, of the type label and of the pallet, and keep the packaging.',
    answer:
      'Replacement for both panels leaves our warehouse tomorrow; the carrier collects the broken ones at the same time.',
    fix: 'Two panels replaced; claim settled with the carrier.',
  },
  {
    product: 'Solar Panel',
    models: ['Terra 430', 'Terra 450 Black'],
    type: 'Installation',
    reason: 'Installation',
    cause: 'Installation Error',
    errorCode: null,
    subjects: ['Which clamps for {model}?', 'Snow load of {model}', 'Mounting {model} in portrait'],
    report: 'we install 36 {model} next week and need the clamp positions for a snow load of 5.4 kPa.',
    detail: 'The manual of 2023 and the data sheet differ: 280 mm against 320 mm from the corner.',
    questions: 'Is it a rail system across the long side, and which clamp width do you use?',
    answer: 'The data sheet is right: 320 mm ± 40 for 5.4 kPa. The manual is corrected as of edition 7.',
    fix: 'Clamp drawing edition 7 sent.',
  },
  {
    product: 'Inverter',
    models: ['Helio 5', 'Helio 8 Hybrid', 'Helio 12'],
    type: 'Installation',
    reason: 'Installation',
    cause: 'Grid',
    errorCode: null,
    subjects: [
      'Certificate for the grid operator',
      'Conformity documents for {model}',
      'Need VDE-AR-N 4105 for {model}',
    ],
    report: 'our grid operator asks for the unit certificate and the protection settings of the {model}.',
    detail: 'They want them by Friday, otherwise the meter appointment is lost.',
    questions: 'Which country and which operator is it? The set of documents differs.',
    answer:
      'Attached are certificate, protection settings and the declaration of conformity, all for your serial range.',
    fix: 'Documents sent; operator has accepted them.',
  },
]

export const greetings = [
  'Hello,',
  'Hi there,',
  'Dear Sunstead team,',
  'Good morning,',
  'Hallo,',
  'Bonjour,',
  'こんにちは,',
] as const
export const urgencies = [
  'Thanks in advance!',
  'We would be glad of a quick answer.',
  'Please call me back, mornings are best.',
  'Nothing urgent, but it nags me. 🙂',
  'This is the second time I write; the first ticket was closed without an answer…',
  'Merci, viele Grüße, and thank you :)',
] as const
export const internalNotes = [
  'Called the customer, no answer. Trying again tomorrow.',
  'Checked the remote log: "grid loss, phase L2" 14 times in 24 h, nothing else.',
  'Asked Ravi (firmware) for a second look.',
  'Warranty confirmed, serial number is in range.\nReplacement can go out without a return.',
  'Customer is friendly but losing patience, please prioritise.',
  'Same pattern as last week, see knowledge article on this error.',
  'Part is back-ordered until the 14th, customer informed.',
] as const
export const publicNotes = [
  'Thank you for the photos, they help a lot. We are looking into it.',
  'We have changed a setting remotely. Please watch it for two days and tell us.',
  'Your replacement is on its way; you will get the tracking number by e-mail.',
  'Just to keep you posted: our engineers could reproduce it and are working on a correction.',
  'Is everything running well again? Otherwise simply answer here.',
] as const
export const feedPosts = [
  'Could somebody who speaks French take this one?',
  'FYI @Grace: third case of this kind this week.',
  'Customer sent a video, see files. The relay clearly clicks twice.',
  'Parked until the firmware release on Thursday.',
  'Great work, customer wrote "best support ever" 🎉',
] as const
export const callNotes = [
  'Walked through the menu together, problem persists.',
  'Left a message on the answering machine.',
  'Agreed on a visit next week.',
  'Customer confirmed that it works.',
] as const
