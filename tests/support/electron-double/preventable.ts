/** An event whose default the app may prevent. */
export class Preventable {
  prevented = false;
  readonly preventDefault = (): void => {
    this.prevented = true;
  };
}
