/** Where a node stands in the text: offsets in UTF-16 code units, the end not among them. */
export interface TextRange {
  start: number
  end: number
}

export type BinaryOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | '+' | '-' | '*' | '/' | '%'

export type ComprehensionForm = 'all' | 'exists' | 'exists_one' | 'filter' | 'map'

/**
 * The tree of an expression: the part of CEL that is evaluated here, and nothing else. It is never changed, so that one tree
 * serves every evaluation.
 */
export type ExpressionNode = TextRange &
  (
    | { kind: 'literal'; value: string | number | boolean | null }
    | { kind: 'name'; name: string }
    | { kind: 'member'; object: ExpressionNode; key: string }
    | { kind: 'index'; object: ExpressionNode; index: ExpressionNode }
    | { kind: 'list'; items: ExpressionNode[] }
    | { kind: 'map'; entries: { key: ExpressionNode; value: ExpressionNode }[] }
    | { kind: 'not'; operand: ExpressionNode }
    | { kind: 'negate'; operand: ExpressionNode }
    | { kind: 'binary'; operator: BinaryOperator; left: ExpressionNode; right: ExpressionNode }
    /** `a && b && c`: one node, so that a long chain is not a deep tree. */
    | { kind: 'logic'; operator: '&&' | '||'; operands: ExpressionNode[] }
    | { kind: 'choice'; condition: ExpressionNode; yes: ExpressionNode; no: ExpressionNode }
    | { kind: 'has'; target: ExpressionNode }
    /** A method has its receiver as first argument: `s.contains(t)` is `contains` of `s` and `t`. */
    | { kind: 'call'; name: string; args: ExpressionNode[] }
    | {
        kind: 'comprehension'
        form: ComprehensionForm
        over: ExpressionNode
        variable: string
        /** Of `map(variable, filter, body)`. */
        filter: ExpressionNode | undefined
        body: ExpressionNode
      }
  )

export type NodeOf<Kind extends ExpressionNode['kind']> = Extract<ExpressionNode, { kind: Kind }>

/** The nodes right below one. */
export function childrenOf(node: ExpressionNode): ExpressionNode[] {
  switch (node.kind) {
    case 'literal':
    case 'name':
      return []
    case 'member':
      return [node.object]
    case 'index':
      return [node.object, node.index]
    case 'list':
      return node.items
    case 'map':
      return node.entries.flatMap(({ key, value }) => [key, value])
    case 'not':
    case 'negate':
      return [node.operand]
    case 'binary':
      return [node.left, node.right]
    case 'logic':
      return node.operands
    case 'choice':
      return [node.condition, node.yes, node.no]
    case 'has':
      return [node.target]
    case 'call':
      return node.args
    case 'comprehension':
      return node.filter ? [node.over, node.filter, node.body] : [node.over, node.body]
  }
}
