import { styleText } from 'node:util'
import type { Paint } from '../../services/cli/output/paint.ts'

const style = (name: keyof Paint) => (text: string) => styleText(name, text, { validateStream: false })

/** Styles as a terminal gets them, whatever the test writes to. */
export const colours: Paint = {
  bold: style('bold'),
  dim: style('dim'),
  red: style('red'),
  green: style('green'),
  yellow: style('yellow'),
  cyan: style('cyan'),
  inverse: style('inverse'),
}
