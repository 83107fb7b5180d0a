import t from 'tap'
import { CordonOrders } from '../../services/sdk/cordon-orders.ts'

t.test('an instance obeys orders that are for it, and passes over what is none', async (t) => {
  const obeyed: boolean[] = []
  const heard = new Map<string, (text: string) => void>()
  const orders = new CordonOrders({
    agent: 'ocr',
    instance: 'ocr-1',
    bus: {
      subscribe: (subject, onMessage) => {
        heard.set(subject, (text) => void onMessage({ subject, data: Buffer.from(text) } as never))
        return () => void heard.delete(subject)
      },
    },
    runner: { cordon: (isCordoned) => void obeyed.push(isCordoned) },
  })
  orders.start()
  t.strictSame([...heard.keys()], ['agents.cordon.ocr.ocr-1'])
  const tell = heard.get('agents.cordon.ocr.ocr-1')!
  for (const text of ['{"v":1,"cordoned":true}', '{"v":1,"cordoned":false,"more":1}']) tell(text)
  for (const text of [
    '',
    'x',
    '{"v":2,"cordoned":true}',
    '{"v":1}',
    `{"v":1,"cordoned":true,"x":"${'y'.repeat(1024)}"}`,
  ])
    tell(text)
  t.strictSame(obeyed, [true, false])
  orders.quiesce()
  t.equal(heard.size, 0, 'one that stops hears no more')
})
