export interface LogRecord {
  /** Unix milliseconds. */
  time: number
  body: string
  /** SeverityNumber of OpenTelemetry: 9 is INFO. */
  severity: number
  /** Empty where there is none. */
  traceId: string
  spanId: string
  attributes: Record<string, unknown>
  resource: Record<string, unknown>
}

interface KeyValue {
  key: string
  value: Record<string, unknown>
}

interface LogsRequest {
  resourceLogs: {
    resource: { attributes?: KeyValue[] }
    scopeLogs: {
      logRecords: {
        timeUnixNano?: string
        severityNumber?: number
        body?: { stringValue?: string }
        traceId?: string
        spanId?: string
        attributes?: KeyValue[]
      }[]
    }[]
  }[]
}

/** The records in what the collector's file exporter wrote: of whole lines, as it may be about to write the last one. */
export function recordsIn(lines: string): LogRecord[] {
  return lines
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => (JSON.parse(line) as LogsRequest).resourceLogs)
    .flatMap(({ resource, scopeLogs }) =>
      scopeLogs.flatMap(({ logRecords }) =>
        logRecords.map((record) => ({
          time: Number(BigInt(record.timeUnixNano ?? '0') / 1_000_000n),
          body: record.body?.stringValue ?? '',
          severity: record.severityNumber ?? 0,
          traceId: record.traceId ?? '',
          spanId: record.spanId ?? '',
          attributes: plain(record.attributes),
          resource: plain(resource.attributes),
        })),
      ),
    )
}

function plain(attributes: KeyValue[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
}
