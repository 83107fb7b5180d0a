import type { Column, Document, ImageContent, Table } from '#schemas/document.ts'

/** A column as ingest makes it. */
export function column(name: string, kind: Column['kind'], values: Column['values']): Column {
  return { name, kind, values, malformed: [], malformedCount: 0 }
}

/** A document with one table of its own name. */
export function dataDocument(name: string, columns: Column[]): Document {
  const table: Table = { name, rows: columns[0]?.values.length ?? 0, columns, notes: [] }
  return { ...bare(name), kind: 'data', mediaType: 'text/csv', tables: [table] }
}

export function textDocument(name: string, content: string): Document {
  const counts = {
    characters: content.length,
    words: content.split(/\s+/).length,
    sentences: 1,
    paragraphs: 1,
  }
  return {
    ...bare(name),
    kind: 'text',
    mediaType: 'text/markdown',
    text: { content, headings: [], counts, keyPhrases: [], keySentences: [] },
  }
}

export function imageDocument(name: string, changes: Partial<ImageContent>): Document {
  const image: ImageContent = {
    format: 'jpeg',
    widthPx: 800,
    heightPx: 600,
    bytes: 1000,
    hasAlpha: false,
    exif: {},
    hadPosition: false,
    palette: [],
    brightness: 120,
    contrast: 50,
    sharpness: 300,
    perceptualHash: 'f0e1d2c3b4a59687',
    thumbnail: { blob: `thumbs/${name}`, size: 10, sha256: '0'.repeat(64), contentType: 'image/webp' },
    ...changes,
  }
  return { ...bare(name), kind: 'image', mediaType: 'image/jpeg', image }
}

function bare(name: string): Pick<Document, 'name' | 'bytes' | 'sha256' | 'notes'> {
  return {
    name,
    bytes: 1000,
    sha256: Buffer.from(name).toString('hex').padEnd(64, '0').slice(0, 64),
    notes: [],
  }
}
