import t from 'tap'
import { testContext } from '../cli-context-fixture.ts'

t.test('results go to standard output, all else to standard error', async (t) => {
  const { terminal, out, err } = testContext()
  terminal.print('a', 'b')
  terminal.printJson({ c: 1 })
  terminal.log('on the way')
  t.equal(out(), 'a\nb\n{"c":1}\n')
  t.equal(err(), 'on the way\n')
})

t.test('where nothing can be drawn again there is no live region', async (t) => {
  const plain = testContext()
  plain.terminal.drawLive(['x'])
  plain.terminal.clearLive()
  t.equal(plain.err(), '')
  t.equal(testContext({ isLive: true, json: true }).terminal.isLive, false, 'nor beside JSON')
})

t.test('the live region is drawn over itself, and lines go above it', async (t) => {
  const { terminal, err } = testContext({ isLive: true })
  terminal.drawLive(['one', 'two'])
  t.equal(err(), '\u001b[?25l\u001b[J\u001b[?7lone\ntwo\n\u001b[?7h', 'the cursor is hidden')
  terminal.drawLive(['three'])
  t.equal(err(), '\u001b[2A\r\u001b[J\u001b[?7lthree\n\u001b[?7h', 'two lines back')
  terminal.log('said')
  t.equal(err(), '\u001b[1A\r\u001b[J\u001b[?25hsaid\n\u001b[?25l\u001b[J\u001b[?7lthree\n\u001b[?7h')
  terminal.clearLive()
  t.equal(err(), '\u001b[1A\r\u001b[J\u001b[?25h', 'the cursor is back')
  terminal.clearLive()
  t.equal(err(), '')
})
