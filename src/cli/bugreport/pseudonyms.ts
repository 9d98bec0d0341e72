/** Numbers in the order of appearance: the same thing has the same name all through one report, and no other. */
export interface Pseudonyms {
  relay(url: string): string;
  keyPackage(ref: string): string;
}

export function createPseudonyms(): Pseudonyms {
  const numbered = (word: string): ((text: string) => string) => {
    const known = new Map<string, string>();
    return (text) => {
      const given = known.get(text) ?? `${word}-${known.size + 1}`;
      known.set(text, given);
      return given;
    };
  };
  return { relay: numbered('relay'), keyPackage: numbered('package') };
}
