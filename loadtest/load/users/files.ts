import { readFileSync } from 'node:fs'

/** What users upload: the sources of the example report, which are real measurements, texts and pictures; and files that are broken. */
const SOURCES = {
  'notes.md': 'text/markdown',
  'climate-by-year.csv': 'text/csv',
  'co2-by-month.json': 'application/json',
  'sea-ice.png': 'image/png',
  'warming-stripes-preview.jpg': 'image/jpeg',
} as const
const BROKEN = ['cut-off.png', 'not-a-picture.png', 'not-json.json'] as const

export type FileName = keyof typeof SOURCES | (typeof BROKEN)[number]
export const SOURCE_NAMES = Object.keys(SOURCES) as (keyof typeof SOURCES)[]
export const BROKEN_NAMES = BROKEN

export interface UploadFile {
  readonly name: FileName
  readonly contentType: string
  readonly bytes: Uint8Array
}

/** All of them, read once. @throws Error when the example is not where this file expects it */
export function readFiles(): ReadonlyMap<FileName, UploadFile> {
  const files = new Map<FileName, UploadFile>()
  const put = (name: FileName, contentType: string, bytes: Uint8Array) =>
    files.set(name, { name, contentType, bytes })
  for (const name of SOURCE_NAMES)
    put(name, SOURCES[name], readFileSync(new URL(`../../../examples/report/${name}`, import.meta.url)))
  const picture = files.get('sea-ice.png')!.bytes
  put('cut-off.png', 'image/png', picture.subarray(0, Math.floor(picture.length / 3)))
  put('not-a-picture.png', 'image/png', new TextEncoder().encode('PNG is what this says it is.'))
  put('not-json.json', 'application/json', new TextEncoder().encode('[{"month": 1, "sales": ]'))
  return files
}
