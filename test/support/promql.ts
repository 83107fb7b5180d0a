import { parser } from '@prometheus-io/lezer-promql'

type SyntaxNode = ReturnType<typeof parser.parse>['topNode']

/** A series that a query reads. */
export interface ReadSeries {
  /** As it stands there: of a histogram with `_bucket`, `_sum` or `_count`. */
  name: string
  /** Labels of its conditions. */
  matched: string[]
  /** The functions and aggregations around it, innermost first. */
  within: string[]
}

export interface ParsedQuery {
  series: ReadSeries[]
  /** Labels that aggregations keep, or that vectors are matched on. */
  grouped: string[]
  /** Labels that `label_replace` makes. */
  made: string[]
}

/** What a query reads, by Prometheus' own grammar. @throws Error when it is no PromQL, with the place */
export function parsePromql(query: string): ParsedQuery {
  const found: ParsedQuery = { series: [], grouped: [], made: [] }
  const text = ({ from, to }: { from: number; to: number }) => query.slice(from, to)
  parser.parse(query).iterate({
    enter(node) {
      if (node.type.isError) throw new Error(`no PromQL at ${query.slice(node.from, node.from + 30)}`)
      if (node.name === 'VectorSelector') found.series.push(readSeries(node.node, text))
      if (node.name === 'GroupingLabels') found.grouped.push(...node.node.getChildren('LabelName').map(text))
      if (node.name === 'FunctionIdentifier' && text(node) === 'label_replace')
        found.made.push(madeLabel(node.node, text))
    },
  })
  return found
}

function readSeries(node: SyntaxNode, text: (node: SyntaxNode) => string): ReadSeries {
  const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []
  const within: string[] = []
  for (let above = node.parent; above; above = above.parent) {
    const name = above.getChild('FunctionIdentifier') ?? above.getChild('AggregateOp')
    if (name) within.push(text(name))
  }
  return {
    name: text(node.getChild('Identifier')!),
    matched: matchers.map((matcher) => text(matcher.getChild('LabelName')!)),
    within,
  }
}

function madeLabel(identifier: SyntaxNode, text: (node: SyntaxNode) => string): string {
  const [destination] = identifier.parent!.getChild('FunctionCallBody')!.getChildren('StringLiteral')
  return text(destination!).slice(1, -1)
}
