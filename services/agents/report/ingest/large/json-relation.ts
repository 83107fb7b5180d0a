import { columnNames } from '../data/build-table.ts'
import { INGEST_LIMITS } from '../limits.ts'
import { type QueryEngine, quoted, quotedName } from './query-engine.ts'
import { type RawRelation, rawName } from './raw-relation.ts'

/** Records that tell the fields, and a record's largest size. */
const SAMPLED_RECORDS = 20_480
const MAX_RECORD_BYTES = 16 * 1024 * 1024

/** A field of records, maybe inside others: `a`, `a.b`. */
export interface Field {
  name: string
  /** Over the columns of the source. */
  sql: string
  type: string
}

/**
 * Records of a JSON file, one a line or all in one array, as SQL: objects within them become columns `a.b`, lists their text.
 *
 * @throws MurmurError BROKEN_FILE when the file holds no records
 */
export async function jsonRelation(
  engine: QueryEngine,
  { path, format }: { path: string; format: 'newline_delimited' | 'array' },
): Promise<RawRelation> {
  const from = `read_json(${quoted(path)}, format = '${format}', records = true, ignore_errors = ${format === 'newline_delimited'}, sample_size = ${SAMPLED_RECORDS}, maximum_object_size = ${MAX_RECORD_BYTES}, convert_strings_to_integers = false, maximum_depth = 6)`
  return fieldsRelation(engine, from)
}

/** The columns of a Parquet file as SQL; binary ones are left out. @throws MurmurError BROKEN_FILE */
export async function parquetRelation(engine: QueryEngine, path: string): Promise<RawRelation> {
  return fieldsRelation(engine, `read_parquet(${quoted(path)}, binary_as_string = false)`)
}

async function fieldsRelation(engine: QueryEngine, from: string): Promise<RawRelation> {
  const described = await engine.rows(`DESCRIBE SELECT * FROM ${from}`)
  const fields = described.flatMap(([name, type]) =>
    fieldsOf({ name: String(name), sql: quotedName(String(name)), type: String(type) }),
  )
  const readable = fields.filter(({ type }) => type !== 'BLOB')
  const kept = readable.slice(0, INGEST_LIMITS.tableColumns)
  const binary = fields.length - readable.length
  const names = columnNames(kept.map(({ name }) => name))
  return {
    sql: `SELECT ${kept.map((field, i) => `${textSql(field)} AS ${rawName(i)}`).join(', ')} FROM ${from}`,
    columns: names.map((name) => ({ name })),
    decimal: '.',
    notes: [],
    losses: [
      ...(binary > 0
        ? [`${binary === 1 ? '1 binary column was' : `${binary} binary columns were`} left out.`]
        : []),
      ...(kept.length < readable.length
        ? [`Only the first ${kept.length} of ${readable.length} columns were read.`]
        : []),
    ],
    beyond: [],
    isRow: 'true',
    isDelimited: false,
  }
}

/** The fields of a field: those of an object, itself otherwise. Pure. */
export function fieldsOf(field: Field): Field[] {
  const inner = /^STRUCT\((.*)\)$/s.exec(field.type)?.[1]
  if (inner === undefined) return [field]
  return membersOf(inner).flatMap(({ name, type }) =>
    fieldsOf({ name: `${field.name}.${name}`, sql: `struct_extract(${field.sql}, ${quoted(name)})`, type }),
  )
}

/** `a INTEGER, "b c" STRUCT(d VARCHAR)` in its parts. */
function membersOf(text: string): { name: string; type: string }[] {
  const parts: string[] = []
  let depth = 0
  let isQuoted = false
  let start = 0
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (character === '"') isQuoted = !isQuoted
    else if (isQuoted) continue
    else if (character === '(') depth++
    else if (character === ')') depth--
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(start, i))
      start = i + 1
    }
  }
  parts.push(text.slice(start))
  return parts.flatMap((part) => {
    const found = /^\s*(?:"((?:[^"]|"")*)"|(\S+))\s+(.*)$/s.exec(part)
    if (!found) return []
    return [{ name: (found[1] ?? found[2]!).replaceAll('""', '"'), type: found[3]! }]
  })
}

/** A value as text: as the readers of cells know it. */
function textSql({ sql, type }: Field): string {
  if (type === 'JSON')
    return `CASE WHEN json_type(${sql}) = 'VARCHAR' THEN json_extract_string(${sql}, '$') ELSE nullif(CAST(${sql} AS VARCHAR), 'null') END`
  if (type.startsWith('TIMESTAMP')) return `CAST(CAST(${sql} AS TIMESTAMP) AS VARCHAR)`
  return `CAST(${sql} AS VARCHAR)`
}
