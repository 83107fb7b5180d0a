import t from 'tap'
import { parseViews, withView } from '../../../../services/console/screens/tasks/saved-views.ts'

t.test('views that are kept: what is none is passed over', async (t) => {
  t.strictSame(parseViews('no json'), [])
  t.strictSame(parseViews('[{"name":"a","search":"x=1"},{"name":1},null]'), [{ name: 'a', search: 'x=1' }])
  t.strictSame(withView([{ name: 'a', search: '1' }], { name: 'a', search: '2' }), [
    { name: 'a', search: '2' },
  ])
})
