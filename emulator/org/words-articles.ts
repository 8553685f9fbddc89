/** The knowledge base: how-tos in three languages, each written for several products. */

/** The languages in which the company writes, the main one first. */
export const LANGUAGES = ['en_US', 'de', 'fr'] as const

export type Language = (typeof LANGUAGES)[number]

interface Wording {
  readonly title: string
  readonly summary: string
  readonly steps: readonly string[]
}

interface Guide {
  readonly category: string
  readonly topic: string
  readonly words: { readonly [language in Language]: Wording }
}

export const headings: {
  readonly [language in Language]: {
    readonly what: string
    readonly how: string
    readonly still: string
    readonly contact: string
  }
} = {
  en_US: {
    what: 'What you see',
    how: 'What to do',
    still: 'Still not solved?',
    contact: 'Open a ticket and attach the event log (Menu &gt; Service &gt; Export).',
  },
  de: {
    what: 'Was Sie sehen',
    how: 'Was zu tun ist',
    still: 'Noch nicht gelöst?',
    contact: 'Eröffnen Sie ein Ticket und hängen Sie das Ereignisprotokoll an (Menü &gt; Service &gt; Export).',
  },
  fr: {
    what: 'Ce que vous constatez',
    how: 'Que faire',
    still: 'Toujours pas résolu ?',
    contact: "Ouvrez un ticket et joignez le journal d'événements (Menu &gt; Service &gt; Export).",
  },
}

const guide = (category: string, topic: string, en: Wording, de: Wording, fr: Wording): Guide => ({
  category,
  topic,
  words: { en_US: en, de, fr },
})
const words = (title: string, summary: string, ...steps: string[]): Wording => ({ title, summary, steps })

/** `{model}` stands for the product that a version of the guide is about. */
export const guides: readonly Guide[] = [
  guide(
    'Inverters',
    'Troubleshooting',
    words(
      '{model}: error E-204, grid voltage out of range',
      'Why the device pauses when the grid voltage is high, and which setting helps.',
      'Read the grid voltage in the menu.',
      'Compare it with the limits of your country.',
      'Ask your grid operator before limits are widened.',
    ),
    words(
      '{model}: Fehler E-204, Netzspannung außerhalb der Grenzen',
      'Warum das Gerät bei hoher Netzspannung pausiert und welche Einstellung hilft.',
      'Netzspannung im Menü ablesen.',
      'Mit den Grenzwerten Ihres Landes vergleichen.',
      'Vor dem Erweitern der Grenzen den Netzbetreiber fragen.',
    ),
    words(
      '{model} : erreur E-204, tension réseau hors limites',
      "Pourquoi l'appareil s'arrête quand la tension est élevée, et quel réglage aide.",
      'Lire la tension du réseau dans le menu.',
      'La comparer aux limites de votre pays.',
      "Demander l'accord du gestionnaire de réseau avant d'élargir les limites.",
    ),
  ),
  guide(
    'Accessories',
    'Installation',
    words(
      'Connect {model} to a new Wi-Fi',
      'After a change of router, {model} needs the new network once.',
      'Hold the button for 8 seconds until it blinks blue.',
      'Open the app and choose <em>Add device</em>.',
      'Select the network; WPA2/WPA3 mixed mode works best.',
    ),
    words(
      '{model} mit einem neuen WLAN verbinden',
      'Nach einem Routerwechsel braucht {model} einmal das neue Netz.',
      'Taste 8 Sekunden halten, bis sie blau blinkt.',
      'In der App <em>Gerät hinzufügen</em> wählen.',
      'Netz auswählen; WPA2/WPA3 gemischt funktioniert am besten.',
    ),
    words(
      'Connecter {model} à un nouveau Wi-Fi',
      'Après un changement de box, {model} doit apprendre le nouveau réseau.',
      "Maintenir le bouton 8 secondes jusqu'à ce qu'il clignote en bleu.",
      "Dans l'application, choisir <em>Ajouter un appareil</em>.",
      'Sélectionner le réseau ; le mode mixte WPA2/WPA3 convient le mieux.',
    ),
  ),
  guide(
    'Storage',
    'Operation',
    words(
      '{model} and power cuts: how backup works',
      'What keeps running when the grid fails, and for how long.',
      'Set the switch of the Backup Box to AUTO.',
      'Check which circuits hang on its output "BU".',
      'Keep a reserve of 20 % in the app.',
    ),
    words(
      '{model} bei Stromausfall: so arbeitet die Ersatzversorgung',
      'Was bei Netzausfall weiterläuft und wie lange.',
      'Schalter der Backup Box auf AUTO stellen.',
      'Prüfen, welche Stromkreise am Ausgang „BU“ hängen.',
      'In der App 20 % Reserve einstellen.',
    ),
    words(
      '{model} et coupures : comment marche le secours',
      'Ce qui continue de fonctionner quand le réseau tombe, et combien de temps.',
      "Mettre l'interrupteur de la Backup Box sur AUTO.",
      'Vérifier quels circuits sont sur la sortie « BU ».',
      "Garder 20 % de réserve dans l'application.",
    ),
  ),
  guide(
    'Charging',
    'Operation',
    words(
      'Solar-only charging with {model}',
      'Charge with surplus alone, without stopping at each cloud.',
      'Switch on <em>Solar only</em>.',
      'Set the hold time to 15 minutes.',
      'Leave the minimum current at 6 A.',
    ),
    words(
      'Nur mit Solarstrom laden: {model}',
      'Nur mit Überschuss laden, ohne bei jeder Wolke zu stoppen.',
      '<em>Nur Solar</em> einschalten.',
      'Haltezeit auf 15 Minuten stellen.',
      'Mindeststrom bei 6 A lassen.',
    ),
    words(
      'Charge 100 % solaire avec {model}',
      "Charger avec le seul surplus sans s'arrêter à chaque nuage.",
      'Activer <em>Solaire seul</em>.',
      'Régler le temps de maintien à 15 minutes.',
      'Laisser le courant minimal à 6 A.',
    ),
  ),
  guide(
    'Heating',
    'Operation',
    words(
      'Quiet nights with {model}',
      'Night mode and damping kit bring the unit below 35 dB at 3 m.',
      'Switch on night mode, 22:00 to 06:00.',
      'Put the unit on rubber feet.',
      'Fit damping kit DK-2 to the hoses.',
    ),
    words(
      'Ruhige Nächte mit {model}',
      'Nachtmodus und Dämpfungsset senken das Gerät unter 35 dB in 3 m.',
      'Nachtmodus von 22 bis 6 Uhr einschalten.',
      'Gerät auf Gummifüße stellen.',
      'Dämpfungsset DK-2 an den Schläuchen montieren.',
    ),
    words(
      'Des nuits calmes avec {model}',
      "Mode nuit et kit d'amortissement : moins de 35 dB à 3 m.",
      'Activer le mode nuit de 22 h à 6 h.',
      "Poser l'unité sur des pieds en caoutchouc.",
      'Monter le kit DK-2 sur les flexibles.',
    ),
  ),
  guide(
    'Panels',
    'Installation',
    words(
      'Clamp positions and snow load of {model}',
      'Where clamps may sit, and what load they then carry.',
      'Clamp 320 mm ± 40 from the corner for 5.4 kPa.',
      'Use clamps of at least 50 mm.',
      'Tighten with 16 Nm, then check after a day.',
    ),
    words(
      'Klemmpositionen und Schneelast von {model}',
      'Wo Klemmen sitzen dürfen und welche Last sie dann tragen.',
      'Für 5,4 kPa 320 mm ± 40 von der Ecke klemmen.',
      'Klemmen mit mindestens 50 mm verwenden.',
      'Mit 16 Nm anziehen und nach einem Tag prüfen.',
    ),
    words(
      'Positions des brides et charge de neige de {model}',
      'Où placer les brides et quelle charge elles supportent.',
      "Pour 5,4 kPa, brider à 320 mm ± 40 de l'angle.",
      "Utiliser des brides d'au moins 50 mm.",
      'Serrer à 16 Nm, contrôler après un jour.',
    ),
  ),
  guide(
    'Storage',
    'Troubleshooting',
    words(
      '{model} does not charge above 12 %',
      'A balancing fault in firmware 4.2.0, solved by 4.2.3.',
      'Check the firmware under Settings &gt; About.',
      'Leave the device switched on over night.',
      'Wait for one full cycle.',
    ),
    words(
      '{model} lädt nicht über 12 %',
      'Ein Balancing-Fehler in Firmware 4.2.0, behoben mit 4.2.3.',
      'Firmware unter Einstellungen &gt; Info prüfen.',
      'Gerät über Nacht eingeschaltet lassen.',
      'Einen vollen Zyklus abwarten.',
    ),
    words(
      '{model} ne charge pas au-delà de 12 %',
      "Un défaut d'équilibrage du firmware 4.2.0, corrigé en 4.2.3.",
      'Vérifier le firmware sous Réglages &gt; À propos.',
      "Laisser l'appareil allumé la nuit.",
      'Attendre un cycle complet.',
    ),
  ),
  guide(
    'Inverters',
    'Documents',
    words(
      'Certificates for the grid operator: {model}',
      'Which documents exist for which country, and how to get them.',
      'Note the serial number.',
      'Choose the country in the portal.',
      'Download the set and send it on.',
    ),
    words(
      'Zertifikate für den Netzbetreiber: {model}',
      'Welche Unterlagen es für welches Land gibt und wie man sie bekommt.',
      'Seriennummer notieren.',
      'Land im Portal wählen.',
      'Paket laden und weiterleiten.',
    ),
    words(
      'Certificats pour le gestionnaire de réseau : {model}',
      'Quels documents existent pour quel pays et comment les obtenir.',
      'Noter le numéro de série.',
      'Choisir le pays dans le portail.',
      "Télécharger le dossier et l'envoyer.",
    ),
  ),
]

export const modelsByCategory: { readonly [category: string]: readonly string[] } = {
  Inverters: ['Helio 3', 'Helio 5', 'Helio 8 Hybrid', 'Helio 12', 'Helio 20'],
  Storage: ['Vault Mini', 'Vault 10', 'Vault 15'],
  Charging: ['Spark 11', 'Spark 22', 'Spark Duo'],
  Heating: ['Brisa 6', 'Brisa 8', 'Brisa 12'],
  Panels: ['Terra 430', 'Terra 450 Black'],
  Accessories: ['Bridge 2', 'Smart Meter SM-3', 'Weather Station'],
}
