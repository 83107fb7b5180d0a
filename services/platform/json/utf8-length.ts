const encoder = new TextEncoder()

/** Bytes of a text in UTF-8. By Node where there is Node; in a browser, where the console decides too, by what that has. Pure. */
export const utf8Length: (text: string) => number =
  typeof Buffer === 'undefined' ? (text) => encoder.encode(text).length : (text) => Buffer.byteLength(text)
