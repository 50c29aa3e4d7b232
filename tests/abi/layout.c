/* Compiled twice, against the header of today and against the frozen one, into the tables that layout_test.c compares.
 */
#include FERRY_HEADER

#include "layout.h"

#define STRUCT(type) {LAYOUT_STRUCT, #type, sizeof(type), 0, 0},
#define MEMBER(type, member) {LAYOUT_MEMBER, #type "." #member, offsetof(type, member), sizeof(((type*)0)->member), 0},
#define CONSTANT(name) {LAYOUT_CONSTANT, #name, (size_t)(name), 0, 0},
#define ID(name) {LAYOUT_ID, #name, sizeof(name), 0, name},

const struct layout_entry FERRY_LAYOUT[] = {
#include "layout.inc"
    {LAYOUT_END, 0, 0, 0, 0}};

/* Callable, and of the type the contract says. */
_Static_assert(_Generic(&ferry_connector_v1, ferry_entry : 1, default : 0), "the entry is a ferry_entry");
