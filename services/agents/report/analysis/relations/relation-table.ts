import type { Column } from '#schemas/document.ts'

/** What relations need of a prepared table. */
export interface RelationTable {
  document: string
  name: string
  rows: number
  source: { columns: Column[] }
  numeric: readonly RelationNumbers[]
  categories: readonly RelationGroups[]
  timeMs: Float64Array | null
  /** `subject`: the column that the table is about. */
  structure?: { kind: string; subject?: string | undefined }
  axis?: { at: Float64Array } | null
  entities?: { columns: string[]; names: string[]; rows: Uint32Array[] } | null
  columns?: readonly { name: string; role: string }[]
  definedTogether?(a: string, b: string): boolean
}

/** A column of numbers. */
export interface RelationNumbers {
  name: string
  role: string
  values: Float64Array
  rows: Uint32Array
  ranking(): { order: Uint32Array }
}

/** A column that groups the rows. */
export interface RelationGroups {
  name: string
  role?: string
  groups: Int32Array
  names: string[]
}
