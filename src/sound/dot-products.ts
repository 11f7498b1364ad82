// The one loop that costs CPU: many dot products of float32 vectors, four lanes at a time. Node.js has SIMD only in WebAssembly,
// so the loop is written in its instructions, and in plain JavaScript for processors without SSE 4.1. Nothing about sound here.

/** Vectors are multiples of so many floats long: four registers of four lanes each. */
export const VECTOR_STEP = 16;

/** What this file needs of the global object; the ES library declares none of it. */
declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: unknown };
};

interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** `results[i] = left(i) · right(i)` for `count` pairs; all arguments but `count` in bytes. */
  readonly dots: (pairs: number, results: number, count: number, vectorBytes: number) => void;
}

export interface DotProducts {
  /** The memory the loop works on, as floats and as integers. All places below are indices into it. */
  readonly floats: Float32Array;
  readonly places: Int32Array;
  /**
   * Writes `count` dot products from `results` on. For each, `places` holds two byte offsets from `pairs` on: of the left vector and
   * of the right one. Both are `length` floats long, a multiple of VECTOR_STEP.
   */
  run(pairs: number, results: number, count: number, length: number): void;
}

/** Of WebAssembly memory. */
const PAGE_BYTES = 65_536;

/** A fresh memory of at least `floats` floats and the fastest loop over it that this processor has. */
export function createDotProducts(floats: number): DotProducts {
  const code = kernel(Math.ceil((floats * 4) / PAGE_BYTES));
  if (!WebAssembly.validate(code)) return plainDotProducts(floats);
  const { memory, dots } = new WebAssembly.Instance(new WebAssembly.Module(code)).exports as KernelExports;
  return {
    floats: new Float32Array(memory.buffer),
    places: new Int32Array(memory.buffer),
    run: (pairs, results, count, length) => dots(pairs * 4, results * 4, count, length * 4),
  };
}

/** The same without WebAssembly, about ten times slower. */
export function plainDotProducts(floats: number): DotProducts {
  const memory = new ArrayBuffer(Math.ceil((floats * 4) / PAGE_BYTES) * PAGE_BYTES);
  const numbers = new Float32Array(memory);
  const places = new Int32Array(memory);
  return {
    floats: numbers,
    places,
    run: (pairs, results, count, length) => {
      for (let i = 0; i < count; i++) {
        numbers[results + i] = dot(
          numbers,
          (places[pairs + 2 * i] ?? 0) / 4,
          (places[pairs + 2 * i + 1] ?? 0) / 4,
          length,
        );
      }
    },
  };
}

/** Four sums keep the processor from waiting for each addition. */
function dot(numbers: Float32Array, left: number, right: number, length: number): number {
  let [first, second, third, fourth] = [0, 0, 0, 0];
  for (let k = 0; k < length; k += 4) {
    first += (numbers[left + k] ?? 0) * (numbers[right + k] ?? 0);
    second += (numbers[left + k + 1] ?? 0) * (numbers[right + k + 1] ?? 0);
    third += (numbers[left + k + 2] ?? 0) * (numbers[right + k + 2] ?? 0);
    fourth += (numbers[left + k + 3] ?? 0) * (numbers[right + k + 3] ?? 0);
  }
  return first + second + third + fourth;
}

// Encodings of the WebAssembly core specification 2.0, chapter 5.
const I32 = 0x7f;
const V128 = 0x7b;
const BLOCK = [0x02, 0x40];
const LOOP = [0x03, 0x40];
const END = [0x0b];
const I32_EQZ = [0x45];
const I32_LT_U = [0x49];
const I32_ADD = [0x6a];
const F32_ADD = [0x92];
const F32X4_ADD = simd(0xe4);
const F32X4_MUL = simd(0xe6);
const V128_ZERO = [...simd(12), ...new Array<number>(16).fill(0)];

// Parameters, then locals of the function.
const [PAIRS, RESULTS, COUNT, VECTOR_BYTES, LEFT, RIGHT, RIGHT_END] = [0, 1, 2, 3, 4, 5, 6] as const;
const SUMS = [7, 8, 9, 10] as const;

function kernel(pages: number): Uint8Array {
  const body = [
    ...BLOCK,
    ...LOOP,
    ...[...get(COUNT), ...I32_EQZ, ...branchIf(1)],
    ...[...get(PAIRS), ...i32Load(0), ...set(LEFT)],
    ...[...get(PAIRS), ...i32Load(4), ...set(RIGHT)],
    ...[...get(RIGHT), ...get(VECTOR_BYTES), ...I32_ADD, ...set(RIGHT_END)],
    ...SUMS.flatMap((sum) => [...V128_ZERO, ...set(sum)]),
    ...LOOP,
    ...SUMS.flatMap((sum, i) => multiplyAdd(sum, 16 * i)),
    ...advance(LEFT, 4 * VECTOR_STEP),
    ...advance(RIGHT, 4 * VECTOR_STEP),
    ...[...get(RIGHT), ...get(RIGHT_END), ...I32_LT_U, ...branchIf(0)],
    ...END,
    ...get(RESULTS),
    ...[...get(SUMS[0]), ...get(SUMS[1]), ...F32X4_ADD],
    ...[...get(SUMS[2]), ...get(SUMS[3]), ...F32X4_ADD, ...F32X4_ADD, ...set(SUMS[0])],
    ...[...lane(0), ...lane(1), ...F32_ADD, ...lane(2), ...F32_ADD, ...lane(3), ...F32_ADD, ...f32Store()],
    ...advance(PAIRS, 8),
    ...advance(RESULTS, 4),
    ...advance(COUNT, -1),
    ...branch(0),
    ...END,
    ...END,
    ...END,
  ];
  const locals = [2, 3, I32, SUMS.length, V128];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 4, I32, I32, I32, I32, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 1, ...unsigned(pages), ...unsigned(pages)]),
    ...section(7, [2, ...name('memory'), 2, 0, ...name('dots'), 0, 0]),
    ...section(10, [1, ...sized([...locals, ...body])]),
  ]);
}

/** `sum += left[offset] * right[offset]`, four lanes. */
function multiplyAdd(sum: number, offset: number): number[] {
  const left = [...get(LEFT), ...v128Load(offset)];
  const right = [...get(RIGHT), ...v128Load(offset)];
  return [...get(sum), ...left, ...right, ...F32X4_MUL, ...F32X4_ADD, ...set(sum)];
}

function advance(local: number, by: number): number[] {
  return [...get(local), 0x41, ...signed(by), ...I32_ADD, ...set(local)];
}

function get(local: number): number[] {
  return [0x20, local];
}

function set(local: number): number[] {
  return [0x21, local];
}

function branch(depth: number): number[] {
  return [0x0c, depth];
}

function branchIf(depth: number): number[] {
  return [0x0d, depth];
}

/** Loads and stores promise an alignment of 4 bytes (the first operand is its logarithm). */
function i32Load(offset: number): number[] {
  return [0x28, 2, ...unsigned(offset)];
}

function v128Load(offset: number): number[] {
  return [...simd(0), 2, ...unsigned(offset)];
}

function f32Store(): number[] {
  return [0x38, 2, 0];
}

function lane(index: number): number[] {
  return [...get(SUMS[0]), ...simd(31), index];
}

function simd(opcode: number): number[] {
  return [0xfd, ...unsigned(opcode)];
}

function section(id: number, content: number[]): number[] {
  return [id, ...sized(content)];
}

function name(text: string): number[] {
  return sized([...Buffer.from(text)]);
}

function sized(content: number[]): number[] {
  return [...unsigned(content.length), ...content];
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  return value >= -64 && value < 64 ? [value & 127] : [(value & 127) | 128, ...signed(value >> 7)];
}
