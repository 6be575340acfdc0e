/* What /proc/self/maps shows for an address. */
static const char *permissions(const char *at)
{
	static char letters[5];
	unsigned long start, end, address = (unsigned long)at;
	char line[512];
	FILE *maps = fopen("/proc/self/maps", "r");

	if (!maps)
		cannot_tell("/proc/self/maps");
	while (fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx %4s", &start, &end, letters) == 3 && start <= address &&
		    address < end) {
			fclose(maps);
			return letters;
		}
	fclose(maps);
	return "none";
}
