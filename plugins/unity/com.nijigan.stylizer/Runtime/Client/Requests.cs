using Nijigan.Wire;

namespace Nijigan
{
    /// <summary>Makes messages of what callers say.</summary>
    internal static class Requests
    {
        /// <summary>Settings without the size of a picture.</summary>
        public static Wire.StylizeSettings ToWire(StylizeSettings settings, PictureFormat format, Priority usual)
        {
            var made = new Wire.StylizeSettings
            {
                Style = settings.Style,
                Strength = settings.Strength,
                Quality = settings.Quality,
                Format = format,
                ResultFormat = settings.ResultFormat == PictureFormat.Unspecified ? format : settings.ResultFormat,
                Priority = settings.Priority == Priority.Unspecified ? usual : settings.Priority,
                Region = ToWire(settings.Region),
                Steady = settings.Steady,
            };
            settings.Scale.WriteTo(made);
            return made;
        }

        public static Wire.FrameFaceSettings ToWire(FrameFaceSettings settings, Picture picture)
        {
            return new Wire.FrameFaceSettings
            {
                WidthPx = (uint)picture.WidthPx,
                HeightPx = (uint)picture.HeightPx,
                Format = picture.Format,
                ResultFormat = settings.ResultFormat == PictureFormat.Unspecified ? picture.Format : settings.ResultFormat,
                SizePx = (uint)settings.SizePx,
                Face = (uint)settings.Face,
                Anyway = settings.Anyway,
                LevelEyes = settings.LevelEyes,
                Transparent = settings.Transparent,
            };
        }

        private static Region ToWire(PictureRegion? region)
        {
            if (region == null) return null;
            return new Region
            {
                LeftPx = (uint)region.Value.LeftPx,
                TopPx = (uint)region.Value.TopPx,
                WidthPx = (uint)region.Value.WidthPx,
                HeightPx = (uint)region.Value.HeightPx,
            };
        }
    }
}
