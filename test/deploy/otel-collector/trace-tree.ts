import { type OtlpRequest, type ReceivedSpan, spansOf } from '../../support/otlp-receiver.ts'

/** The spans in what the collector's file exporter wrote: of whole lines, as it may be about to write the last one. */
export function spansIn(lines: string): ReceivedSpan[] {
  return lines
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => spansOf(JSON.parse(line) as OtlpRequest))
}

export function byTrace(spans: readonly ReceivedSpan[]): Map<string, ReceivedSpan[]> {
  return Map.groupBy(spans, ({ traceId }) => traceId)
}

/** Spans whose parent is nowhere in their trace, and which say that they have one; `known` are those of clients. */
export function orphansIn(spans: readonly ReceivedSpan[], known: readonly string[] = []): ReceivedSpan[] {
  const ids = new Set([...spans.map(({ traceId, spanId }) => `${traceId}/${spanId}`)])
  const clients = new Set(known)
  return spans.filter(
    ({ traceId, parentSpanId }) =>
      parentSpanId && !clients.has(parentSpanId) && !ids.has(`${traceId}/${parentSpanId}`),
  )
}

const KINDS = ['', 'internal', 'server', 'client', 'producer', 'consumer']

/**
 * A trace as lines, each behind its parent and further in: name, kind, service, and what it was about. Siblings stand in the order of
 * their texts, so that the same happens in the same lines however it was timed.
 */
export function treeOf(spans: readonly ReceivedSpan[], root: string): string[] {
  const children = Map.groupBy(spans, ({ parentSpanId }) => parentSpanId ?? '')
  const below = (id: string, depth: number): string[] =>
    (children.get(id) ?? [])
      .map((span) => [`${'  '.repeat(depth)}${textOf(span)}`, ...below(span.spanId, depth + 1)])
      .sort((a, b) => (a.join() < b.join() ? -1 : 1))
      .flat()
  return below(root, 0)
}

function textOf({ name, kind, service, attributes, status }: ReceivedSpan): string {
  const of = (key: string) => attributes[`murmur.${key}`]
  const step = of('step.id') === undefined ? '' : ` ${of('step.id')}#${of('attempt')}`
  const outcome = of('outcome') === undefined ? '' : ` ${of('outcome')}`
  const error = status.code === 2 ? ` !${attributes['error.type']}` : ''
  return `${name} (${KINDS[kind]}, ${service})${step}${outcome}${error}`
}

/** Values of a metric by its labels, of what a Prometheus endpoint shows. */
export function samplesOf(
  exposition: string,
  name: string,
): { labels: Record<string, string>; value: number }[] {
  return exposition
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .map((line) => {
      const [, inside = '', value = ''] = /^[^{ ]+(?:\{(.*?)\})? ([^ ]+)/.exec(line) ?? []
      const labels = [...inside.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)].map(
        ([, key, text]) => [key!, text!] as const,
      )
      return { labels: Object.fromEntries(labels), value: Number(value) }
    })
}

export function sumOf(
  exposition: string,
  name: string,
  where: (labels: Record<string, string>) => boolean = () => true,
): number {
  return samplesOf(exposition, name)
    .filter(({ labels }) => where(labels))
    .reduce((sum, { value }) => sum + value, 0)
}
