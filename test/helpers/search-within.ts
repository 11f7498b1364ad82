// A program for a network of its own: prints, as JSON, the first camera that the questions of so many milliseconds find.
import { searchWithin } from './searching.js';

void searchWithin(Number(process.argv[2]), {}, (found) => found.length > 0).then((found) => {
  process.stdout.write(JSON.stringify(found));
});
