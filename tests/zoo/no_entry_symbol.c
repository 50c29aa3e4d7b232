/* Exports nothing. */
int zoo_nothing;
