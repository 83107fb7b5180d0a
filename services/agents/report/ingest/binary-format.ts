/** A format told by its first bytes, with how people call it; `unsupported` with what to send instead. */
export type BinaryFormat =
  | { family: 'image' | 'pdf' | 'video'; mediaType: string; label: string }
  | { family: 'xlsx' | 'ods' | 'parquet'; mediaType: string; label: string }
  | { family: 'unsupported'; label: string; advice: string }
  | { family: 'broken'; label: string; reason: string }
