/* The second step of unpacking: what a layer takes from the layers beneath it. */
#ifndef TSPOD_COMPLETE_H
#define TSPOD_COMPLETE_H

#include "unpack.h"

/* The folder that the path lies in, in the top-most of the layers (ended by NULL) that shows it; -1 if none
 * does. */
int lower_find(char **lowers, const char *path, int *parent);
/* Owner, mode, times and attributes (without overlay's own) from one open file to another. */
int copy_metadata(int from, int to);
/* Copies what is at `from`/`name` (a file or symlink) to `to`/`name`, which is not there. */
int copy_entry(int from, int to, const char *name);

#endif
