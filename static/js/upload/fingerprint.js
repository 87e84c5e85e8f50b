/* A file recognised by its content: size and sixteen samples, so that a phone may give it another
   name or date. It finds an unfinished transfer again and protects nothing: crypto.subtle does not
   exist on the plain http:// addresses of a village network. */

const SAMPLES = 16;
const SAMPLE_BYTES = 64 * 1024;

/* Where the samples lie: head and tail included, the whole file when it is small. */
export function samplePositions(size) {
  if (size <= SAMPLES * SAMPLE_BYTES) {
    return [[0, size]];
  }
  const positions = [];
  for (let i = 0; i < SAMPLES; i += 1) {
    const start = Math.floor(((size - SAMPLE_BYTES) * i) / (SAMPLES - 1));
    positions.push([start, start + SAMPLE_BYTES]);
  }
  return positions;
}

/* cyrb53 by bryc (public domain), over bytes, fed in pieces. */
export class Cyrb {
  constructor(seed) {
    this.a = 0xdeadbeef ^ seed;
    this.b = 0x41c6ce57 ^ seed;
  }

  update(bytes) {
    let { a, b } = this;
    for (let i = 0; i < bytes.length; i += 1) {
      a = Math.imul(a ^ bytes[i], 2654435761);
      b = Math.imul(b ^ bytes[i], 1597334677);
    }
    this.a = a;
    this.b = b;
  }

  hex() {
    let { a, b } = this;
    a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
    b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
    const word = (value) => (value >>> 0).toString(16).padStart(8, "0");
    return word(b) + word(a);
  }
}

/* Bytes of a Blob; Blob.arrayBuffer is younger than our oldest browsers. */
export function readBytes(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(new Uint8Array(reader.result));
    reader.onerror = () => {
      const problem = new Error("The file cannot be read.");
      problem.unreadable = true;
      reject(problem);
    };
    reader.readAsArrayBuffer(blob);
  });
}

export async function fingerprint(file, read = readBytes) {
  const first = new Cyrb(0);
  const second = new Cyrb(1);
  for (const [start, end] of samplePositions(file.size)) {
    const bytes = await read(file.slice(start, end));
    first.update(bytes);
    second.update(bytes);
  }
  return `1-${file.size.toString(16)}-${first.hex()}${second.hex()}`;
}
