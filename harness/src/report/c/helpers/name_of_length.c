static const char *name_of_length(size_t length)
{
	static char name[256];

	memset(name, 'f', length);
	name[length] = '\0';
	return name;
}
