import { columnNames } from '../data/build-table.ts'
import { INGEST_LIMITS } from '../limits.ts'
import { type QueryEngine, quoted, quotedName } from './query-engine.ts'
import { type RawRelation, rawName } from './raw-relation.ts'

/** Records that tell the fields, and a record's largest size. */
const SAMPLED_RECORDS = 20_480
/** Names of fields that are looked at; columns are fewer. */
const MAX_KEYS = 2_000
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
  const isByLine = format === 'newline_delimited'
  const reading = `format = '${format}', ignore_errors = ${isByLine}, maximum_object_size = ${MAX_RECORD_BYTES}`
  const objects = `read_json_objects(${quoted(path)}, ${reading})`
  const known = await fieldTypes(engine, {
    path,
    reading: `${reading}, sample_size = ${SAMPLED_RECORDS}, convert_strings_to_integers = false, maximum_depth = 6`,
  })
  const keys = await engine.rows(`SELECT DISTINCT unnest(json_keys(json)) FROM ${objects} LIMIT ${MAX_KEYS}`)
  const late = keys.map(([key]) => String(key)).filter((key) => !known.has(key))
  for (const key of late.sort()) known.set(key, 'VARCHAR')
  const [[broken] = []] = isByLine
    ? await engine.rows(`SELECT count(*) - count(json) FROM ${objects}`)
    : [[0]]
  const columns = [...known].map(([name, type]) => [name, type] as const)
  // After a line that is no record the next one would be lost, too.
  const from =
    Number(broken) > 0
      ? `(SELECT unnest(json_transform(json, ${quoted(`{${columns.map(([name, type]) => `${JSON.stringify(name)}: ${transformType(type)}`).join(', ')}}`)})) FROM ${objects} WHERE json IS NOT NULL)`
      : `read_json(${quoted(path)}, ${reading}, records = true, columns = {${columns.map(([name, type]) => `${quotedName(name)}: ${quoted(type)}`).join(', ')}})`
  const relation = await fieldsRelation(engine, from)
  const lines = Number(broken)
  const loss = `${lines.toLocaleString('en-US')} ${lines === 1 ? 'line is no record and was' : 'lines are no records and were'} left out.`
  return { ...relation, losses: lines > 0 ? [loss, ...relation.losses] : relation.losses }
}

/**
 * Fields by name, from the first records. Values are texts as they stand: a number among the first may be a word later, and what looks
 * like a date is read as the cells of any table are.
 */
async function fieldTypes(
  engine: QueryEngine,
  { path, reading }: { path: string; reading: string },
): Promise<Map<string, string>> {
  const described = await engine.rows(
    `DESCRIBE SELECT * FROM read_json(${quoted(path)}, records = true, ${reading})`,
  )
  return new Map(described.map(([name, type]) => [String(name), textType(String(type))]))
}

/** The type with texts for everything but objects. Pure. */
export function textType(type: string): string {
  const inner = /^STRUCT\((.*)\)$/s.exec(type)?.[1]
  if (inner === undefined) return 'VARCHAR'
  return `STRUCT(${membersOf(inner)
    .map(({ name, type: member }) => `${quotedName(name)} ${textType(member)}`)
    .join(', ')})`
}

/** The same as `json_transform` wants it. */
function transformType(type: string): string {
  const inner = /^STRUCT\((.*)\)$/s.exec(type)?.[1]
  if (inner === undefined) return '"VARCHAR"'
  return `{${membersOf(inner)
    .map(({ name, type: member }) => `${JSON.stringify(name)}: ${transformType(member)}`)
    .join(', ')}}`
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
