/**
 * What is demanded of the figures, most of all: the forwarder's cost as a multiple of what cannot be left out. A row
 * holds for the figures whose id it matches.
 */
const TARGETS = [
  { figures: /^cpu\.text-(100k|1m)\/z$/, atMost: 1.25 },
  { figures: /^cpu\.lambda-(100k|1m)\/z$/, atMost: 1.35 },
  { figures: /^cpu\.trace-(100k|1m)\/z$/, atMost: 1.75 },
  { figures: /^cpu\.text-(100k|1m)\/j$/, atMost: 0.6 },
  { figures: /^cpu\.lambda-(100k|1m)\/j$/, atMost: 0.8 },
  { figures: /^cpu\.trace-(100k|1m)\/j$/, atMost: 1 },
  { figures: /^cpu\..*-1k\/post\+z$/, atMost: 1.5 },
  { figures: /^wall\..*-1k\.beyondLatency$/, atMost: 3 },
  { figures: /^wall\..*-1m\.roundTrips$/, atMost: 6 },
  { figures: /^memory\..*\.beyondBare(20|50)$/, atMost: 60 },
  { figures: /^memory\..*\.slope$/, atMost: 2 },
  { figures: /^bytes\..*\/datadog$/, atMost: 1 },
  { figures: /^cold\.beyondBare$/, atMost: 10 },
  { figures: /^cold\.beyondPost$/, atMost: 4 },
  { figures: /^bundle\.entry$/, atMost: 60 },
  { figures: /^bundle\.sdk$/, atMost: 0 },
  { figures: /^object\..*\.beyondBare$/, atMost: 150 },
  { figures: /^object\..*\.slope$/, atMost: 0.02 },
  { figures: /^viewer\.(missing|unbalanced)$/, atMost: 0 },
  { figures: /^viewer\.held$/, atMost: 1 },
  { figures: /^growth\..*\.steadiness$/, atMost: 1.15 },
];

/** The most that a figure may be; undefined where nothing is demanded. */
export function targetOf(id) {
  return TARGETS.find(({ figures }) => figures.test(id))?.atMost;
}
