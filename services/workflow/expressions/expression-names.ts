import { childrenOf, type ExpressionNode } from './expression-node.ts'

/** A name in an expression that no comprehension has bound, with the constant path that is read from it. */
export interface FreePath {
  /** The name, then keys and the decimal numbers of list elements. It ends where a key is computed. */
  path: string[]
  /** Offset of the name. */
  start: number
}

/** Every path that an expression reads from its roots, in the order of the text, each time that it does. */
export function freePathsOf(root: ExpressionNode): FreePath[] {
  const found: FreePath[] = []
  collect(root, new Set(), found)
  return found
}

function collect(node: ExpressionNode, bound: ReadonlySet<string>, found: FreePath[]): void {
  const path = constantPathOf(node)
  if (path) {
    if (!bound.has(path[0]!)) found.push({ path, start: node.start })
    return
  }
  if (node.kind !== 'comprehension') {
    for (const child of childrenOf(node)) collect(child, bound, found)
    return
  }
  collect(node.over, bound, found)
  const inner = new Set([...bound, node.variable])
  if (node.filter) collect(node.filter, inner, found)
  collect(node.body, inner, found)
}

/** `a.b["c"][0]` as a, b, c, 0; undefined for a node that is more than names and constant keys. */
function constantPathOf(node: ExpressionNode): string[] | undefined {
  if (node.kind === 'name') return [node.name]
  if (node.kind === 'member') {
    const path = constantPathOf(node.object)
    path?.push(node.key)
    return path
  }
  if (node.kind !== 'index' || node.index.kind !== 'literal') return undefined
  const { value } = node.index
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  const path = constantPathOf(node.object)
  path?.push(String(value))
  return path
}
