export const TRACE = '0af7651916cd43dd8448eb211c80319c'
export const SPAN = 'b7ad6b7169203331'
export const SAMPLED = `00-${TRACE}-${SPAN}-01`
export const UNSAMPLED = `00-${TRACE}-${SPAN}-00`

/** What is no `traceparent`. */
export const HOSTILE = [
  undefined,
  '',
  'x',
  `00-${TRACE}-${SPAN}-01-more`,
  `00-${TRACE}-${SPAN}-01 `,
  `ff-${TRACE}-${SPAN}-01`,
  `00-${'0'.repeat(32)}-${SPAN}-01`,
  `00-${TRACE}-${'0'.repeat(16)}-01`,
  `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  `00-${TRACE.slice(1)}g-${SPAN}-01`,
  `00-${TRACE}-${SPAN}-0`,
  `00-${TRACE}-${SPAN}-0g`,
  `00_${TRACE}_${SPAN}_01`,
  `cc-${TRACE}-${SPAN}-01x`,
  `cc-${TRACE}-${SPAN}-01-${'x'.repeat(10_000)}`,
  `00-${TRACE}-${SPAN}-01\r\nx: y`,
]
