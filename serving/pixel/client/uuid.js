// A random (version 4) UUID; crypto.randomUUID exists only on secure pages. The 8 fixes both bits of the variant.
export const uuid = () =>
  "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx".replace(/x/g, () => (crypto.getRandomValues(new Uint8Array(1))[0] % 16).toString(16));
