/** Analyses at the edges: hostile text everywhere, very wide, only images, only what could not be read. */
import type { Analysis } from '#schemas/analysis.ts'
import {
  anomalyAt,
  blobRef,
  categoryColumn,
  correlationOf,
  documentEntry,
  emptyAnalysis,
  insight,
  numberColumn,
  trendOf,
} from './analysis-fixtures.ts'

const SCRIPT = '<script>alert(1)</script>'
const ATTRIBUTE = '"onload="alert(1)"><img src=x onerror=alert(1)>'
const LONG = 'a'.repeat(300)

export function hostileAnalysis(): Analysis {
  const place = { document: SCRIPT, table: `${SCRIPT}#${ATTRIBUTE}` }
  const points = Array.from({ length: 30 }, (_, row): [number, number] => [
    row + 1,
    row === 20 ? 400 : row % 7,
  ])
  const column = numberColumn({ ...place, column: `${ATTRIBUTE} (${SCRIPT.slice(0, 20)})` }, points)
  const others = [SCRIPT, LONG].map((name) => numberColumn({ ...place, column: name }, points))
  const provenance = [{ ...place, column: column.column, rows: [21], method: ATTRIBUTE }]
  return {
    ...emptyAnalysis,
    documents: [
      documentEntry(SCRIPT, { notes: [ATTRIBUTE] }),
      documentEntry(ATTRIBUTE, { mediaType: SCRIPT, problem: { code: SCRIPT, message: ATTRIBUTE } }),
      documentEntry(LONG),
    ],
    columns: [
      column,
      ...others,
      categoryColumn({ ...place, column: ATTRIBUTE }, { [SCRIPT]: 3, [ATTRIBUTE]: 1, [LONG]: 1 }),
    ],
    anomalies: [anomalyAt(column, 21, 400, `${ATTRIBUTE}${SCRIPT}`)],
    trends: [
      trendOf(column, { changePoints: [{ row: 10, label: SCRIPT, before: 1, after: 2, pValue: 0.01 }] }),
    ],
    correlations: [
      correlationOf(place, column.column, SCRIPT, 0.9),
      correlationOf(place, column.column, LONG, -0.5),
      correlationOf(place, SCRIPT, LONG, 0.1),
    ],
    insights: [
      insight('i1', 'anomaly', {
        statement: SCRIPT,
        evidence: { [ATTRIBUTE]: SCRIPT, [SCRIPT]: 1 },
        provenance,
      }),
      insight('i2', 'difference', { statement: ATTRIBUTE, provenance }),
    ],
    texts: [
      {
        document: SCRIPT,
        title: ATTRIBUTE,
        words: 3,
        keyPhrases: [SCRIPT, LONG],
        keySentences: [ATTRIBUTE, LONG],
        figures: [{ sentence: SCRIPT, value: 3, unit: ATTRIBUTE }],
      },
    ],
    images: [
      {
        document: ATTRIBUTE,
        widthPx: 1,
        heightPx: 1,
        sharpness: 0,
        brightness: 0,
        palette: [{ hex: '"/><script>', share: 1 }],
        thumbnail: blobRef('x', 'image/svg+xml'),
        nearDuplicateOf: SCRIPT,
      },
    ],
  }
}

export function manyColumns(): Analysis {
  return {
    ...emptyAnalysis,
    documents: [documentEntry('wide.csv')],
    columns: Array.from({ length: 200 }, (_, index) =>
      numberColumn(
        { document: 'wide.csv', table: 'wide.csv', column: `measurement ${index}` },
        Array.from({ length: 40 }, (_, day) => [
          Date.UTC(2024, 0, 1 + day),
          Math.sin(day * 0.3 + index) * 10 ** (index % 12),
        ]),
        { xKind: 'time' },
      ),
    ),
    correlations: Array.from({ length: 19 }, (_, index) =>
      correlationOf(
        { document: 'wide.csv', table: 'wide.csv' },
        `measurement ${index}`,
        `measurement ${index + 1}`,
        1 - index / 10,
      ),
    ),
  }
}

export function onlyImages(): Analysis {
  return {
    ...emptyAnalysis,
    documents: ['a.png', 'b.jpg'].map((name) =>
      documentEntry(name, { kind: 'image', mediaType: 'image/png' }),
    ),
    images: ['a.png', 'b.jpg'].map((document) => ({
      document,
      widthPx: 640,
      heightPx: 480,
      sharpness: 12,
      brightness: 200,
      palette: [{ hex: '#ffffff', share: 0.9 }],
      thumbnail: blobRef(`thumbnail/${document}`),
    })),
  }
}

export function onlyRejected(): Analysis {
  return {
    ...emptyAnalysis,
    documents: ['x.pdf', 'y.pdf'].map((name) =>
      documentEntry(name, {
        kind: 'rejected',
        problem: { code: 'BROKEN_FILE', message: 'the file is cut off' },
      }),
    ),
  }
}
